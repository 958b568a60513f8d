"""The camera widget in JupyterLab, in a real browser: refused, then allowed, with a drawn film before the lens."""

import json
import time

import nbformat
import pytest

import faceapp
from helpers import CLASSES
from tools.notebooks import code_cells, read, tagged

from .world import CHROMIUM, ROOT, camera_film, chromium, jupyter, run_all, screenshots

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]
CELL = """
import numpy as np
import faceapp
from helpers import CLASSES

def net(batch):  # bright faces are happy, dark ones sad
    light = np.clip((batch.mean((1, 2, 3)) - 70) / 60, 0, 1)[:, None]
    return light * np.eye(7)[CLASSES.index("happy")] + (1 - light) * np.eye(7)[CLASSES.index("sad")]

camera = faceapp.Camera(net, every=3, half_life=0)
camera
"""
REFUSED = """(name) => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('said by the test', name));
}"""


OF_THE_LESSON = (
    "import io",
    "scene = drawn_faces.scene(1",
    "detector = faceapp.detector()",
    "net = pretrained",
    "OWN_CAMERA",
)


@pytest.fixture
def lesson(tmp_path):
    """The cells of notebook 11 that lead to its camera, which is switched on."""
    path = ROOT / "notebooks" / "11_webcam_demo.ipynb"
    notebook = read(path)
    wanted = [next(cell for cell in code_cells(notebook) if cell.source.startswith(start)) for start in OF_THE_LESSON]
    cells = [*tagged(notebook, "setup"), *wanted]
    for cell in cells:
        cell.source = cell.source.replace("OWN_CAMERA = False", "OWN_CAMERA = True")
        cell.outputs, cell.execution_count = [], None
    with jupyter(tmp_path, nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)) as address:
        yield address


@pytest.fixture
def lab(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.strip())])
    with jupyter(tmp_path, notebook) as address:
        yield address


def test_the_camera_in_a_browser(lab, tmp_path):
    film = tmp_path / "film.mjpeg"
    boxes = camera_film(film)
    with chromium(film) as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(60_000)
        broken = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        run_all(page, lab)
        widget = page.locator(".sf-camera")
        widget.wait_for(timeout=120_000)
        start, problem = widget.get_by_role("button", name="Start"), widget.get_by_role("alert")

        assert start.is_disabled(), "before the sentence is accepted"
        widget.get_by_label("I show only my own face").check()
        start.click()
        refused = problem.filter(has_text="The camera was refused")
        refused.wait_for(timeout=60_000)
        widget.screenshot(path=screenshots() / "camera-refused.png")

        context.grant_permissions(["camera"])
        start.click()
        page.wait_for_function("() => +document.querySelector('.sf-camera').dataset.answers >= 10", timeout=180_000)
        assert problem.inner_text() == ""
        watched(page, boxes)
        widget.screenshot(path=screenshots() / "camera.png")

        widget.get_by_role("button", name="Snapshot").click()
        widget.locator("figure canvas").wait_for()
        with page.expect_download() as saved:
            widget.get_by_role("button", name="Save as a file").click()
        assert saved.value.suggested_filename.startswith("camera-") and saved.value.suggested_filename.endswith(".png")
        saved.value.save_as(screenshots() / "camera-saved.png")
        widget.get_by_role("button", name="Forget it").click()
        widget.locator("figure").wait_for(state="hidden")

        widget.get_by_label("Mirror").uncheck()
        widget.get_by_role("button", name="Stop").click()
        assert page.evaluate("() => document.querySelector('.sf-camera video').srcObject") is None
        for name, reason in (
            ("NotFoundError", "No camera was found"),
            ("NotReadableError", "in use by another program"),
        ):
            page.evaluate(REFUSED, name)
            start.click()
            problem.filter(has_text=reason).wait_for(timeout=30_000)
        page.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true })")
        start.click()
        problem.filter(has_text="plain http").wait_for(timeout=30_000)
        assert not broken, broken


def watched(page, boxes) -> None:
    """For some seconds: the box lies where the face was drawn, both labels come, and few frames are on their way."""
    seen, begun = [], time.monotonic()
    first = int(page.evaluate("() => +document.querySelector('.sf-camera').dataset.answers"))
    while time.monotonic() - begun < 6:
        seen.append(dict(page.evaluate("() => ({ ...document.querySelector('.sf-camera').dataset })")))
        time.sleep(0.1)
    took, last = time.monotonic() - begun, int(seen[-1]["answers"])
    found = [tuple(json.loads(one["box"])) for one in seen if json.loads(one["box"])]
    assert len(found) > 0.8 * len(seen)
    shares = [max(faceapp.overlap(box, other) for other in boxes) for box in found]
    assert sum(shares) / len(shares) > 0.45 and min(shares) > 0.3
    assert {"happy", "sad"} <= {one["emotion"] for one in seen}, "the film's light and dark halves"
    assert max(int(one["flying"]) for one in seen) <= 3
    rate = page.locator(".sf-camera .sf-rate").inner_text()
    print(f"camera: {(last - first) / took:.1f} answers a second; the widget says {rate}")
    assert last - first >= 10


def test_the_lessons_camera_and_a_restarted_kernel(lesson, tmp_path):
    """With the course's own net: the box lies on the face, the label is one of ours; then Python goes."""
    film = tmp_path / "film.mjpeg"
    boxes = camera_film(film)
    with chromium(film) as browser:
        context = browser.new_context(permissions=["camera"])
        page = context.new_page()
        page.set_default_timeout(60_000)
        run_all(page, lesson)
        widget = page.locator(".sf-camera")
        widget.get_by_label("I show only my own face").check(timeout=240_000)
        widget.get_by_role("button", name="Start").click()
        page.wait_for_function("() => +document.querySelector('.sf-camera').dataset.answers >= 10", timeout=180_000)
        state = page.evaluate("() => ({ ...document.querySelector('.sf-camera').dataset })")
        assert max(faceapp.overlap(json.loads(state["box"]), box) for box in boxes) > 0.3
        assert state["emotion"] in CLASSES
        widget.screenshot(path=screenshots() / "camera-lesson.png")
        page.evaluate("() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }")
        widget.get_by_role("alert").filter(has_text="un this cell again").wait_for(timeout=30_000)
        widget.screenshot(path=screenshots() / "camera-restarted.png")
