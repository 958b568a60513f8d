"""The camera widget in headless chromium: answers a second and the time of a frame there and back, with one and three in flight.

A drawn film stands in for the camera, JupyterLab runs here, too: all of browser, server and kernel share this machine.
"""

from __future__ import annotations

import pathlib
import statistics
import sys
import tempfile
import time

from benchmarks.live import absolute

SECONDS = 10
CELL = "import faceapp\ncamera = faceapp.Camera(in_flight={in_flight})\ncamera"
STATE = "() => ({ ...document.querySelector('.sf-camera').dataset })"


def measured(in_flight: int) -> dict:
    """Answers a second, and the median and 95th percentile of a frame's way, in milliseconds."""
    import nbformat

    from tests.browser.world import camera_film, chromium, jupyter, run_all

    cell = nbformat.v4.new_code_cell(CELL.format(in_flight=in_flight))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        film = folder / "film.mjpeg"
        camera_film(film)
        with jupyter(folder, nbformat.v4.new_notebook(cells=[cell])) as address, chromium(film) as browser:
            page = browser.new_context(permissions=["camera"]).new_page()
            run_all(page, address)
            page.get_by_label("I show only my own face").check(timeout=60_000)
            page.locator(".sf-camera").get_by_role("button", name="Start").click()
            page.wait_for_function("() => +document.querySelector('.sf-camera').dataset.answers >= 30", timeout=120_000)
            trips, begun, first = [], time.monotonic(), int(page.evaluate(STATE)["answers"])
            while time.monotonic() - begun < SECONDS:
                trips.append(float(page.evaluate(STATE)["trip"]))
                time.sleep(0.05)
            rate = (int(page.evaluate(STATE)["answers"]) - first) / (time.monotonic() - begun)
    return {"rate": rate, "trip": statistics.median(trips), "p95": statistics.quantiles(trips, n=20)[-1]}


def comparisons():
    """Three frames in flight beside one."""
    from tests.browser.world import CHROMIUM

    if CHROMIUM is None:
        print("camera       not measured: no chromium here", file=sys.stderr)
        return
    several, single = measured(3), measured(1)
    what = f"a 640x480 film at 30 frames a second, {SECONDS} s, three frames in flight"
    yield absolute(
        "camera, answers", what, "frames/s", several["rate"], 15, several["rate"] >= 15, one_in_flight=single
    )
    yield absolute("camera, there and back, median", what, "ms", several["trip"], None, None, p95=several["p95"])
