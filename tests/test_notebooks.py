"""The house rules of notebooks, as tests: each is what a reader would trip over."""

import json
import re
import statistics

import pytest

from tools import readings
from tools.notebooks import ROOT, SERIES, code_cells, fingerprint, minutes_to_read, read, tagged

NAMES = [path.stem for path in SERIES]
TAGS = {"setup", "exercise", "check", "solution"}
# Their code or the drawing changed after their outputs were made; to be emptied by the next `make notebooks`.
STALE: set[str] = set()
pytestmark = pytest.mark.parametrize("path", SERIES, ids=NAMES)


def markdown(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_opens_with_title_badges_minutes_and_objectives(path):
    notebook = read(path)
    opening = notebook.cells[0].source
    assert re.match(rf"# {path.stem[:2]} · \S", opening)
    for place in ("colab.research.google.com/github/", "kaggle.com/kernels/welcome?src="):
        assert place in opening, f"no badge for {place}"
    assert f"notebooks/{path.name}" in opening
    assert re.search(
        r"\*\*\d+ minutes to read.*, \d+ minutes? to run\*\* \(2 cores.*GPU.*\) · \*\*before this:\*\*", opening
    )
    objectives = re.search(r"## What you will be able to do\n\n((?:- .*\n?)+)", markdown(notebook))
    assert objectives and 3 <= objectives[1].count("\n- ") + 1 <= 5, "3 to 5 objectives"


def test_minutes_in_the_text_are_those_measured(path):
    announced = int(re.search(r"(\d+) minutes? to run\*\*", read(path).cells[0].source)[1])
    measured = json.loads((ROOT / "helpers/assets/minutes.json").read_text()).get(path.stem, {}).get("standard")
    assert measured is not None, "run `make notebooks`"
    assert measured <= 10, "the cap of the profile standard"
    if path.stem not in STALE:
        assert re.search(rf"\*\*{minutes_to_read(read(path))} minutes to read", read(path).cells[0].source)
    assert measured - 1.5 <= announced <= measured + 1.5, f"the text says {announced} minutes, measured were {measured}"


def test_setup_cell_is_the_same_everywhere(path):
    (setup,) = tagged(read(path), "setup")
    (first,) = tagged(read(SERIES[0]), "setup")
    assert setup.source == first.source
    assert code_cells(read(path))[0].source == setup.source, "the setup cell is the first"


def test_ends_with_quiz_summary_and_next(path):
    text = markdown(read(path))
    places = [text.rfind(f"## {title}") for title in ("Quiz", "What to remember", "What is next")]
    assert -1 not in places and places == sorted(places)
    assert "redict first" in text, "the reader predicts before a key result"


def test_cells_are_short(path):
    lines = [
        cell.source.count("\n") + 1 for cell in code_cells(read(path)) if "setup" not in cell.metadata.get("tags", [])
    ]
    assert max(lines) <= 20, f"a code cell of {max(lines)} lines"
    for cell in code_cells(read(path)):
        longest = max(cell.source.split("\n"), key=len)
        assert len(longest) <= 100 or cell.metadata.get("tags") == ["setup"], f"over 100 characters: {longest}"
    assert statistics.median(lines) <= 6.5, f"a median of {statistics.median(lines)} lines"


def test_text_and_code_are_about_even(path):
    notebook = read(path)
    code = len(code_cells(notebook))
    assert 0.6 <= code / (len(notebook.cells) - code) <= 1.7


def test_exercises_come_as_stub_check_and_folded_solution(path):
    notebook = read(path)
    order = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", []) if tag != "setup"]
    assert order == ["exercise", "check", "solution"] * (len(order) // 3) and len(order) >= 6, "at least two exercises"
    for cell in tagged(notebook, "exercise"):
        assert "..." in cell.source
    for cell in tagged(notebook, "solution"):
        assert cell.source.startswith("#@title Solution") and cell.metadata.jupyter.source_hidden
    assert {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])} <= TAGS


def test_outputs_are_there_fresh_and_free_of_errors(path):
    notebook = read(path)
    assert path.stem in STALE or notebook.metadata.get("course", {}).get("outputs_of") == fingerprint(notebook), (
        f"the code of {path.name} has changed since its outputs were made: make notebooks NAME={path.stem[:2]}"
    )
    assert [cell.execution_count for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", f"a warning in the outputs: {output.get('text', '')[:200]}"


def test_outputs_are_of_the_standard_profile_on_drawn_faces(path):
    (setup,) = tagged(read(path), "setup")
    printed = "".join(output.get("text", "") for output in setup.outputs)
    assert "profile   standard" in printed and "drawn faces, world 0" in printed and "tested together" in printed


def test_nothing_of_one_machine_and_no_widget_state(path):
    text = path.read_text("utf-8")
    notebook = read(path)
    assert "widgets" not in notebook.metadata
    for pattern in (r"/home/\w", r"/root/", r"/Users/", r"/tmp/\w", r"[A-Z]:\\\\", "site-packages"):
        assert not re.search(pattern, text), f"a path of one machine: {pattern}"
    assert not re.search(r"pip install (-\w+ )*helpers\b", text)


def test_a_figure_is_followed_by_a_sentence_that_reads_it(path):
    notebook = read(path)
    for here, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if here.cell_type == "code" and any("image/png" in output.get("data", {}) for output in here.outputs):
            nxt = after
            if nxt is not None and nxt.cell_type == "code":  # a cell that prints the figure's numbers may come between
                position = notebook.cells.index(nxt)
                nxt = notebook.cells[position + 1]
            assert nxt is not None and nxt.cell_type == "markdown" and len(nxt.source) > 80, here.source[:80]


def test_a_reading_has_conditions_and_quotes_what_was_shown(path):
    notebook = read(path)
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and readings.sentences(cell.source):
            assert readings.conditions(cell), (
                f"cell {position}: on which values does this sentence depend? {cell.source[:80]}"
            )
            for condition in readings.conditions(cell):
                compile(condition, path.name, "eval")
            odd = [] if path.stem in STALE else readings.quoted_from_nowhere(notebook, position)
            assert not odd, f"cell {position} quotes {odd}, which no output above it shows"


def test_links_between_notebooks_lead_somewhere(path):
    for target in re.findall(r"\]\((\d\d_\w+\.ipynb)\)", markdown(read(path))):
        assert (path.parent / target).exists(), target


def test_outputs_stay_small(path):
    assert sum(p.stat().st_size for p in SERIES) < 8_000_000
    assert path.stat().st_size < 1_200_000
