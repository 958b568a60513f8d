"""What the browser tests share: chromium where there is one, a JupyterLab on a small notebook, a drawn film as a camera."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import cv2
import nbformat

import drawn_faces

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = """() => {
  const page = window.jupyterapp?.shell.currentWidget, kernel = page?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
}"""
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"


def screenshots() -> pathlib.Path:
    """Where pictures of pages are left, for whoever wants to look."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def chromium(film: pathlib.Path | None = None):
    """A headless browser, with that film in the place of a camera."""
    from playwright.sync_api import sync_playwright

    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"] if film else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *fake])
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run_all(page, address: str) -> None:
    """Open the notebook, wait for its kernel, run its cells; where the kernel does not come, a screenshot stays behind."""
    page.goto(address)
    try:
        page.wait_for_function(READY, timeout=240_000)
    except Exception:
        page.screenshot(path=screenshots() / "no-kernel.png")
        raise
    page.evaluate(RUN_ALL)


@contextlib.contextmanager
def jupyter(folder: pathlib.Path, notebook: nbformat.NotebookNode):
    """JupyterLab on a folder with that notebook in it; its address."""
    # without a kernel's name JupyterLab opens a dialogue and waits
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, folder / "page.ipynb")
    port = free_port()
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, "--LabApp.expose_app_in_browser=True"],
        env=os.environ
        | {"COURSE_PROFILE": "quick", "COURSE_DATA": "drawn", "JUPYTER_CONFIG_DIR": str(folder / "config")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        yield f"{address}/lab/tree/page.ipynb"
    finally:
        server.terminate()
        try:
            server.wait(8)
        except subprocess.TimeoutExpired:  # it waits for a kernel that a test has ended
            server.kill()
            server.wait()


def camera_film(path: pathlib.Path, fps: float = 30) -> list[tuple[int, int, int, int]]:
    """A film for chromium's fake camera, a bright second and a dark one in turns; the face stays. Its boxes."""
    film = drawn_faces.film(
        drawn_faces.clip([("happy", 1.0), ("neutral", 1.0)], size=220, fps=fps), seed=2, clutter=0.3, speed=0
    )
    with open(path, "wb") as file:
        for k, frame in enumerate(film):
            light = 1.0 if k < len(film) // 2 else 0.45
            file.write(cv2.imencode(".jpg", (frame * light).astype("uint8"))[1].tobytes())
    return list(film.truth[["x", "y", "w", "h"]].itertuples(index=False, name=None))
