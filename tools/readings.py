"""Readings: the sentences of a notebook that say what came out, and the conditions on which they depend.

A text cell that says "In the run shown, ..." carries its conditions in its metadata, where a reader does not see them:

    "metadata": {"course": {"holds": ["found.p_value < 0.05", "trial_2.accuracy > trial_1.accuracy"]}}

`make notebooks` evaluates them in the notebook's own kernel, right after the cells above. Where one does not hold, the
outputs are not saved, and the message names the notebook, the cell and the sentence. The tests look after the rest: a
reading has conditions, and each number that it quotes stands in the outputs above it.
"""

import re
from decimal import Decimal

import nbformat
from nbclient.exceptions import CellExecutionError

from tools.notebooks import code_cells, text_of

OPENING = "In the run shown"
NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?![\w])")


class FalseReading(Exception):
    """A sentence that the outputs above it contradict."""


def sentences(source: str) -> list[str]:
    """The sentences of a text cell that start with the opening, each to the end of its paragraph."""
    return [part.strip() for part in re.split(r"\n\s*\n", source) if OPENING in part]


def conditions(cell) -> list[str]:
    """What a text cell's readings depend on, as Python expressions."""
    return list(cell.metadata.get("course", {}).get("holds", []))


def guarded(notebook) -> nbformat.NotebookNode:
    """A copy of the notebook with an assertion after each reading; to be executed in its place."""
    cells = []
    for number, cell in enumerate(notebook.cells):
        cells.append(cell)
        for k, condition in enumerate(conditions(cell)):
            probe = nbformat.v4.new_code_cell(f"assert ({condition})", id=f"holds-{number}-{k}")
            probe.metadata["holds"] = {"cell": number, "sentence": (sentences(cell.source) or [cell.source])[0]}
            cells.append(probe)
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)


def without_guards(running, notebook) -> None:
    """Take the outputs of the executed copy over into the notebook itself."""
    notebook.cells = [cell for cell in running.cells if "holds" not in cell.metadata]
    for count, cell in enumerate(code_cells(notebook), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count


def explained(error: CellExecutionError, running, name: str) -> Exception:
    """The error itself, or, where a guard stopped the run, the place and the sentence that is not true."""
    for cell in running.cells:
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        if failed and "holds" in cell.metadata:
            place = cell.metadata["holds"]
            return FalseReading(
                f"{name}, cell {place['cell']}: {cell.source.removeprefix('assert ')} does not hold in this run ({error.ename}), "
                f'but the text says: "{place["sentence"]}" Read the outputs, and rewrite the sentence or its condition.'
            )
    return error


def numbers(text: str) -> set[float]:
    """The numbers in a text, signs aside: 3,589, .725, 0.72 and -2.6 are 3589, 0.725, 0.72 and 2.6."""
    found = (match.group().strip("+-−").replace(",", "") for match in NUMBER.finditer(text))
    return {float(number) for number in found if number}


def quoted_from_nowhere(notebook, position: int) -> list[float]:
    """The decimal numbers that a reading quotes and that no output above it shows (a share may be quoted in percent)."""
    shown = set()
    for cell in notebook.cells[:position]:
        if cell.cell_type == "code":
            shown |= numbers(text_of(cell))
    allowed = shown | {abs(round(100 * value, 10)) for value in shown}
    quoted = set().union(*(numbers(text) for text in sentences(notebook.cells[position].source)))
    shares = {value for value in quoted if value != int(value)}
    return sorted(v for v in shares if not any(rounds_to(value, v) for value in allowed))


def rounds_to(value: float, quoted: float) -> bool:
    """Whether a value, rounded to as many digits as are quoted, is the quoted one."""
    digits = -Decimal(repr(quoted)).as_tuple().exponent
    return abs(value - quoted) <= 0.5 * 10**-digits + 1e-9
