"""The course in a real JupyterLab, in a real browser: the setup cell reports, the quiz answers a click."""

import nbformat
import pytest

from tools.notebooks import SERIES, read, tagged

from .world import CHROMIUM, chromium, jupyter, run_all

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]


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
    with jupyter(tmp_path, nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)) as address:
        yield address


def test_setup_and_quiz_in_a_browser(lab):
    with chromium() as browser:
        page = browser.new_page()
        run_all(page, lab)
        page.wait_for_selector("text=profile   quick", timeout=60_000)
        page.locator("label, button").filter(has_text="No better than").first.click(timeout=60_000)
        page.wait_for_selector("text=That is the number to beat", timeout=10_000)
