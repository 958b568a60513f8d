"""Each exercise as a student meets it: the stub is open, wrong answers are rejected, right ones and the solution accepted."""

import copy

import nbformat
import pytest

from helpers.checks import OPEN, RIGHT, WRONG
from tests.answers import answers
from tools.notebooks import SERIES, read, run, text_of


def with_answers(notebook, known):
    """The notebook with every answer followed by the check, and what each of these checks must say."""
    cells, expected, number = [], [], -1
    check = None
    for position, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags:
            number += 1
            check = next(c for c in notebook.cells[position:] if "check" in c.metadata.get("tags", []))
        cells.append(cell)
        if "check" in tags:
            expected.append((len(cells) - 1, OPEN, f"stub of exercise {number + 1}"))
            for mark, kind in ((WRONG, "wrong"), (RIGHT, "right")):
                for source in known[number][kind]:
                    cells += [nbformat.v4.new_code_cell(source), copy.deepcopy(check)]
                    expected.append((len(cells) - 1, mark, source))
        if "solution" in tags:
            cells.append(copy.deepcopy(check))
            expected.append((len(cells) - 1, RIGHT, f"solution of exercise {number + 1}"))
    last = max(place for place, *_ in expected)
    notebook.cells = [cell for cell in cells[: last + 1]]
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"c{i}"
    return expected


@pytest.mark.parametrize("path", SERIES, ids=[path.stem for path in SERIES])
def test_checks_tell_right_from_wrong(path):
    notebook, known = read(path), answers(path.stem)
    assert known, f"tests/answers has nothing for {path.name}"
    expected = with_answers(notebook, known)
    assert sum(mark == OPEN for _, mark, _ in expected) == len(known)
    run(notebook, path, "quick", cell_seconds=120)
    for place, mark, what in expected:
        said = text_of(notebook.cells[place])
        assert said.startswith(mark), f"{what}\n-> {said!r}, expected {mark}"
        assert mark != WRONG or len(said) > 22, "a check says what is wrong"
