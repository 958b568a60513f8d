"""What the tests and `make notebooks` share: reading the series, its cells by tag, running one, and the mark of fresh outputs."""

import hashlib
import os
import pathlib
import re

import nbclient
import nbformat

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
SERIES = sorted(FOLDER.glob("*.ipynb"))
WORDS_A_MINUTE, CELLS_A_MINUTE = 130, 2


def read(path: pathlib.Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook, tag: str) -> list:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def fingerprint(notebook) -> str:
    """A hash of the code cells, the setup cell aside: outputs are fresh while it stays the same."""
    sources = [cell.source for cell in code_cells(notebook) if "setup" not in cell.metadata.get("tags", [])]
    return hashlib.sha256("\n\0".join(sources).encode()).hexdigest()[:16]


def minutes_to_read(notebook) -> int:
    """Minutes for a reader: about 130 words and 2 code cells a minute."""
    words = sum(len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    return max(1, round(words / WORDS_A_MINUTE + len(code_cells(notebook)) / CELLS_A_MINUTE))


def run(notebook, path: pathlib.Path, profile: str, cell_seconds: int, **environment: str) -> None:
    """Execute a notebook in a fresh kernel of this environment, in its own folder, on the drawn faces."""
    variables = {
        "COURSE_PROFILE": profile,
        "COURSE_DATA": "drawn",
        "COURSE_NOTEBOOK": path.name,
        "COURSE_SEED": "0",
    } | environment
    client = nbclient.NotebookClient(
        notebook,
        timeout=cell_seconds,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute(env={key: value for key, value in os.environ.items() if key != "CI"} | variables)


def text_of(cell) -> str:
    """Everything that a cell printed or displayed as text, without colour codes."""
    parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(parts))
