"""The built book in a real browser whose network is refused: `make test-book`, after `make book`.

Each page alone: nothing fails, formulas are drawn, figures have words, nothing is wider than a phone. The front page: the net
in the browser says what it says in Python.
"""

import base64
import contextlib
import functools
import http.server
import io
import os
import re
import threading

import cv2
import numpy as np
import pytest
from PIL import Image

import drawn_faces
import helpers
from book import alt, front, npm
from faceapp import boxes
from helpers import CLASSES
from tests.browser.world import CHROMIUM, chromium, screenshots
from tools.notebooks import ROOT, SERIES, read

SITE = ROOT / "build" / "book"
pytestmark = [
    pytest.mark.skipif(not os.environ.get("BOOK"), reason="make test-book"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html")) if os.environ.get("BOOK") else []
DESKTOP, PHONE = {"width": 1300, "height": 950}, {"width": 360, "height": 740}
LITERT = re.compile("adapters|WebGPU|GPU")  # LiteRT.js looks for a graphics card, and says that there is none
ASK = """async (pictures) => {
  const net = await import('./_static/front/net.js'), { grey, shrink } = await import('./_static/front/shrink.js');
  await net.load();
  const out = [];
  for (const [data, side] of pictures) {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    canvas.getContext('2d').drawImage(image, 0, 0);
    const small = shrink(grey(canvas.getContext('2d').getImageData(0, 0, side, side).data), side, net.facts.net.side);
    const logits = await net.logits(small);
    out.push([Array.from(small), logits, net.softmax(logits)]);
  }
  return out;
}"""
WIDER = """() => [...document.querySelectorAll('.bd-article > section *')].filter((one) =>
  one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.cell_output, pre, .pst-scrollable-table-container, .math, .highlight, mjx-assistive-mml')
).map((one) => one.tagName + ' ' + one.textContent.slice(0, 60))"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words) -> None:
        pass


@pytest.fixture(scope="module")
def address():
    """The site below an address of its own, as GitHub Pages serves it."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE.parent))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/book/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium with a drawn film in the place of a camera."""
    film = tmp_path_factory.mktemp("film") / "film.mjpeg"
    with open(film, "wb") as file:
        for frame in drawn_faces.film(drawn_faces.clip([("happy", 1.0)], size=220, fps=10), seed=2, speed=0):
            file.write(cv2.imencode(".jpg", frame)[1].tobytes())
    with chromium(film) as browser:
        yield browser


@contextlib.contextmanager
def opened(browser, address: str, viewport: dict, **options):
    """A page without a network; at its end nothing has failed and nothing was asked of anybody else."""
    context = browser.new_context(
        viewport=viewport, is_mobile=viewport == PHONE, has_touch=viewport == PHONE, **options
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong = []
    own = (address, "data:", "blob:")
    context.route(lambda url: not url.startswith(own), lambda route: route.abort())
    page.on("request", lambda request: request.url.startswith(own) or wrong.append(f"asked for {request.url}"))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("response", lambda response: response.status < 400 or wrong.append(f"{response.status}: {response.url}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and not LITERT.search(said.text) and wrong.append(said.text))
    yield page
    context.close()
    assert not wrong, wrong


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_a_network(browser, address, name):
    with opened(browser, address, DESKTOP, reduced_motion="reduce") as page:
        page.goto(address + name)
        if formulas := page.locator("span.math, div.math").count():
            page.wait_for_function("(n) => document.querySelectorAll('mjx-container svg').length >= n", arg=formulas)
            assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
        silent = page.evaluate(
            "[...document.querySelectorAll('.bd-article img')].filter((one) => one.alt.length < 20).map((one) => one.src)"
        )
        assert name == "index.html" or not silent, "figures without words"
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert not page.evaluate(WIDER), "wider than a phone, and cannot be scrolled"


def test_every_figure_has_its_title_and_what_came_out():
    for path in SERIES:
        notebook = read(path)
        for i, cell in enumerate(notebook.cells):
            if cell.cell_type == "code" and any("image/png" in output.get("data", {}) for output in cell.outputs):
                words = alt.describe(notebook.cells, i)
                assert 20 < len(words) < 900 and not re.search(r"[*`]|\]\(", words), (path.name, i, words)


def test_the_words_of_a_figure():
    title = 'plots.bars(table, f"Disgust gains {n} points",\n "recall", line=(0.5, "half"))'
    cells = [
        cell("code", title, outputs=[{"data": {"image/png": ""}}]),
        cell("markdown", "A remark.\n\nIn the run shown, *happy* falls by 0.2. So it goes."),
    ]
    assert alt.describe(cells, 0) == "Disgust gains … points. In the run shown, happy falls by 0.2. So it goes."
    assert alt.titles("%matplotlib inline") == [] and alt.titles("plots.faces(x, 'A' ' b')") == ["A b"]


def cell(kind: str, source: str, **more):
    import nbformat

    return nbformat.from_dict({"cell_type": kind, "source": source, **more})


def test_launch_buttons_lead_to_the_one_repository(browser, address):
    from book import sources

    with opened(browser, address, DESKTOP) as page:
        for path in (SERIES[0], SERIES[-1]):
            page.goto(f"{address}notebooks/{path.stem}.html")
            links = page.locator(".dropdown-launch-buttons a").evaluate_all("(all) => all.map((one) => one.href)")
            place = sources.repository().removeprefix("https://github.com/")
            for host in ("mybinder.org", "colab.research.google.com", "kaggle.com"):
                (link,) = [link for link in links if host in link]
                assert place in link and link.endswith(f"notebooks/{path.name}"), link


def test_search_finds_a_word_and_the_switch_turns_dark(browser, address):
    with opened(browser, address, DESKTOP) as page:
        page.goto(f"{address}search.html?q=McNemar")
        page.locator("#search-results li").first.wait_for()
        page.wait_for_load_state("networkidle")  # it fetches the pages that it found, to quote them
        page.goto(f"{address}notebooks/{SERIES[4].stem}.html")
        seen = {}
        for mode in ("light", "dark"):
            page.locator(".theme-switch-button:visible").first.click()
            page.locator(f".theme-change-button[data-mode={mode}]:visible").click()
            seen[mode] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert seen["light"] != seen["dark"]


def test_the_glossary_is_linked_from_first_uses_alone():
    for path in SERIES:
        page = (SITE / "notebooks" / f"{path.stem}.html").read_text("utf-8")
        links = re.findall(r'class="term reference internal" href="\.\./glossary\.html#([^"]+)"', page)
        assert links and len(links) == len(set(links)), path.name
    known = set(re.findall(r'id="(term-[^"]+)"', (SITE / "glossary.html").read_text("utf-8")))
    assert set(links) <= known


# ---- the front page


def encoded(picture: np.ndarray) -> tuple[str, int]:
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    return base64.b64encode(png.getvalue()).decode(), len(picture)


def test_the_browser_answers_as_python_does(browser, address):
    """50 drawn faces of the page's size, and some of every other: the same 48 x 48 pixels, probabilities within 0.001."""
    faces = list(drawn_faces.faces(50, size=front.SIDE, seed=4, balanced=True).images)
    rng = np.random.default_rng(0)
    odd = [rng.integers(0, 256, (side, side), np.uint8) for side in (20, 48, 49, 95, 144, 287, 288, 301, 480, 700)]
    colours = [rng.integers(0, 256, (side, side, 3), np.uint8) for side in (48, 333)]
    pictures = [*faces, *odd, *colours]
    with opened(browser, address, DESKTOP) as page:
        page.goto(f"{address}index.html")
        small, logits, shares = zip(*page.evaluate(ASK, [encoded(picture) for picture in pictures]), strict=True)
    crops = np.stack([boxes.crop(boxes.to_grey(picture), (0, 0, *picture.shape[:2])) for picture in pictures])
    assert np.array_equal(crops, np.array(small, np.uint8).reshape(crops.shape))
    net = helpers.pretrained.emotion_net()
    python = np.asarray(net(crops[..., None].astype("float32"), training=False))
    apart = np.abs(np.array(shares) - python)
    print(f"browser and Python: at most {apart[: len(faces)].max():.5f} apart on {len(faces)} drawn faces")
    assert apart[: len(faces)].max() < 1e-3
    assert apart.max() < 3e-3, "noise, too"
    assert np.abs(np.array(logits) - helpers.explain.logits(net, crops)).max() < 0.02


def numbers(page, table: str, column: int = 3) -> np.ndarray:
    found = page.locator(f"{table} tr > :nth-child({column})").all_inner_texts()
    return np.array([float(text.replace("−", "-").strip("%")) for text in found])


def python_says(folder, name: str) -> np.ndarray:
    picture = np.array(Image.open(folder / name))
    return boxes.crop(picture, (0, 0, *picture.shape))


@pytest.fixture(params=["desktop", "phone"])
def page(request, browser, address):
    """The front page when its net is ready, light on a desktop and dark on a phone."""
    phone = request.param == "phone"
    scheme = "dark" if phone else "light"
    with opened(browser, address, PHONE if phone else DESKTOP, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(f"{address}index.html")
        page.wait_for_selector("#front[data-ready=yes]")
        page.kind = request.param
        yield page


def test_faces_are_chosen_by_click_and_by_keyboard(page):
    net, folder = helpers.pretrained.emotion_net(), SITE / "_static" / "front"
    chosen = page.locator("#front-grid input")
    assert chosen.count() == front.GRID["n"]
    page.locator("#front-grid label").nth(2).click()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.getElementById('front-said').textContent.startsWith('Face 4.')")
    shares = np.asarray(net(python_says(folder, "face-03.png")[None, ..., None].astype("float32"), training=False))[0]
    assert np.abs(numbers(page, "#front-bars") - 100 * shares).max() < 0.16  # rounded to a tenth of a point
    assert CLASSES[shares.argmax()] in page.inner_text("#front-said")
    assert page.locator("#front-large").get_attribute("alt").startswith("Drawn face 4")
    page.locator(".front section").first.screenshot(path=screenshots() / f"book-faces-{page.kind}.png")


def test_a_muscle_changes_the_logits_as_in_python(page):
    net, folder = helpers.pretrained.emotion_net(), SITE / "_static" / "front"
    smile = front.UNITS.index("AU12")
    box = page.locator("#front-units input").nth(smile)
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked() and box.get_attribute("role") == "switch"
    page.wait_for_function("() => document.getElementById('front-moved').textContent.startsWith('With action unit 12')")
    names = ["".join("1" if on and i == smile else "0" for i in range(len(front.UNITS))) for on in (False, True)]
    rest, moved = helpers.explain.logits(net, np.stack([python_says(folder, f"person-{name}.png") for name in names]))
    assert np.abs(numbers(page, "#front-changes") - (moved - rest)).max() < 0.08
    assert numbers(page, "#front-changes")[CLASSES.index("happy")] > 1
    page.locator(".front section").nth(1).screenshot(path=screenshots() / f"book-muscles-{page.kind}.png")
    box.uncheck()
    page.wait_for_function("() => document.getElementById('front-moved').textContent.startsWith('At rest')")
    assert not numbers(page, "#front-changes").any()


def test_a_picture_of_ones_own_after_consent(page, tmp_path):
    picture = drawn_faces.scene(1, seed=3, sizes=(200, 220)).image
    Image.fromarray(picture).save(tmp_path / "own.png")
    assert page.locator("#front-file").is_disabled() and page.locator("#front-camera").is_disabled()
    page.get_by_label("I show only my own face").check()
    page.locator("#front-file").set_input_files(tmp_path / "own.png")
    page.locator("#front-own").wait_for()
    page.wait_for_function("() => document.querySelector('#front-own-bars .front-number').textContent")
    before = numbers(page, "#front-own-bars")
    assert 99 < before.sum() < 101
    page.locator("#front-view").focus()
    for key in ["+"] * 8 + ["ArrowLeft"] * 4 + ["ArrowUp"]:
        page.keyboard.press(key)
    page.wait_for_function(
        "(old) => document.querySelector('#front-own-bars .front-number').textContent !== old", arg=f"{before[0]:.1f}%"
    )
    page.locator(".front section").nth(2).screenshot(path=screenshots() / f"book-own-{page.kind}.png")
    page.get_by_role("button", name="Stop and forget").click()
    assert page.locator("#front-own").is_hidden()
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.locator("#front-file").set_input_files(tmp_path / "bad.png")
    page.get_by_role("alert").filter(has_text="no picture that the browser can read").wait_for()


def test_the_camera_starts_after_consent_and_stops(browser, address):
    with opened(browser, address, DESKTOP, permissions=["camera"]) as page:
        page.goto(f"{address}index.html")
        page.wait_for_selector("#front[data-ready=yes]")
        page.get_by_label("I show only my own face").check()
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_function("() => document.querySelector('#front-own-bars .front-number').textContent")
        page.locator(".front section").nth(2).screenshot(path=screenshots() / "book-camera.png")
        page.get_by_label("I show only my own face").uncheck()
        assert page.locator("#front-own").is_hidden(), "without the consent no picture stays"


def test_the_policy_of_the_front_page_forbids_other_addresses(browser, address):
    page = browser.new_page()
    page.goto(f"{address}index.html")
    refused = page.evaluate("""() => new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      fetch('https://example.org/', { method: 'POST', body: 'a picture' }).catch(() => {});
    })""")
    assert refused == "connect-src"
    page.close()


def test_a_package_that_is_not_the_named_one_is_refused(tmp_path):
    name, package = next(iter(npm.PACKAGES.items()))
    archive = tmp_path / f"{name}-{package['version']}.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not the file"):
        npm.fetch(tmp_path, tmp_path / "into")
    assert not archive.exists()
