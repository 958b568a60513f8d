"""The course in a real JupyterLab, in a real browser: the setup cell reports, the quiz answers a click."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from tests.notebooks import SERIES, read, tagged

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def lab(tmp_path):
    """JupyterLab on a folder with the beginning and the quiz of notebook 00; its address."""
    notebook = read(SERIES[0])
    (setup,) = tagged(notebook, "setup")
    imports = next(cell for cell in notebook.cells if "from helpers import" in cell.source and cell != setup)
    quiz = next(cell for cell in notebook.cells if "checks.quiz(" in cell.source)
    cells = [setup, imports, quiz]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), tmp_path / "page.ipynb")
    port = free_port()
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={tmp_path}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, "--LabApp.expose_app_in_browser=True"],
        env=os.environ
        | {"COURSE_PROFILE": "quick", "COURSE_DATA": "drawn", "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
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
        server.wait(20)


READY = """() => {
  const page = window.jupyterapp?.shell.currentWidget, kernel = page?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
}"""


def test_setup_and_quiz_in_a_browser(lab):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        page.goto(lab)
        page.wait_for_function(READY, timeout=90_000)
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        page.wait_for_selector("text=profile   quick", timeout=60_000)
        page.locator("label, button").filter(has_text="No better than").first.click(timeout=60_000)
        page.wait_for_selector("text=That is the number to beat", timeout=10_000)
        browser.close()
