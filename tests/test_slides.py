"""Slides follow the plan of sessions: each row and section has its slides, none says a solution, none is too full."""

import pytest

from tests.browser.world import CHROMIUM, chromium
from tools.classroom import slides
from tools.notebooks import SERIES, read, tagged

SESSIONS = slides.sessions(slides.SESSIONS.read_text("utf-8"))
FITS = """() => [...document.querySelectorAll('section')].map((one) => [one.scrollHeight, one.scrollWidth, one.innerText.slice(0, 60)])
  .filter(([height, width]) => height > 700 || width > 1280)"""


def test_every_session_has_a_deck_and_every_row_a_slide():
    assert len(SESSIONS) == 8 + 12 + 4
    for session in SESSIONS:
        made = slides.slides(session)
        assert len(session.rows) >= 4 and len(made) > len(session.rows), session.name
        assert sum("class=minutes" in slide for slide in made) == len(session.rows)


def test_no_slide_gives_a_solution_away():
    text = "".join(slide for session in SESSIONS for slide in slides.slides(session))
    assert "#@title Solution" not in text and text.count("<img") > 50
    for path in SERIES:
        for cell in tagged(read(path), "solution"):
            assert cell.source.split("\n", 1)[1] not in text, path.name


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
def test_a_deck_fits_its_slides(tmp_path):
    """Without reveal.js, which npm brings: each slide in a box of 1280 pixels, with the decks' own look, drawn one below another."""
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "deck.css").write_text(
        (slides.PARTS / "deck.css").read_text("utf-8") + "section { width: 1280px; }"
    )
    decks = slides.write(tmp_path)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        for deck in decks:
            page.goto(deck.as_uri())
            assert page.evaluate(FITS) == [], deck.name
