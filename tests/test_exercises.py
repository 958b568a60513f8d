"""Each exercise as a student meets it: the stub is open, wrong answers get their hint, right ones and the solution are accepted.

Only those cells of a notebook run that its exercises depend on, in this process: no kernel, and hardly any training.
"""

import ast
import contextlib
import importlib
import io
import re
import symtable

import pytest

from helpers.checks import OPEN, RIGHT, WRONG
from tests.answers import answers
from tools.notebooks import FOLDER, SERIES, read, tagged

EACH = pytest.mark.parametrize("path", SERIES, ids=[path.stem for path in SERIES])
TRAIN = ("08", "09", "10")  # notebooks with exercises about trained networks
SLOWLY = pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=pytest.mark.slow if path.stem[:2] in TRAIN else ()) for path in SERIES],
    ids=[path.stem for path in SERIES],
)


def names(source: str) -> tuple[set, set]:
    """The names that a cell binds, and those that it takes from the cells before it."""
    bound, taken = set(), set()
    for statement in ast.parse(source).body:
        top = symtable.symtable(ast.unparse(statement), "cell", "exec")
        used, tables = {s.get_name() for s in top.get_symbols() if s.is_referenced()}, top.get_children()
        while tables:
            table = tables.pop()
            used |= {s.get_name() for s in table.get_symbols() if s.is_global()}
            tables += table.get_children()
        taken |= used - bound
        bound |= {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    return bound, taken


def needed(notebook, known: list[dict]) -> list:
    """The cells that the exercises, their checks, solutions and answers depend on, in order."""
    wanted, kept, ahead = set(), [], list(known)
    for cell in reversed(notebook.cells):
        tags = set(cell.metadata.get("tags", []))
        bound, taken = names(cell.source) if cell.cell_type == "code" else (set(), set())
        if bound & wanted or tags & {"exercise", "check", "solution"}:
            wanted = wanted - bound | taken
            kept.insert(0, cell)
        if "check" in tags:
            one = ahead.pop()
            for source in (*one["right"], *(source for source, _ in one["wrong"])):
                wanted |= names(source)[1]
    return kept


def said(source: str, world: dict) -> str:
    """What a source prints when it runs in a world."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, "<cell>", "exec"), world)
    return printed.getvalue()


@SLOWLY
def test_checks_tell_right_from_wrong(path, tmp_path, monkeypatch):
    monkeypatch.chdir(FOLDER)
    settings = {"PROFILE": "quick", "DATA": "drawn", "SEED": "0", "RUNS": str(tmp_path), "NOTEBOOK": path.name}
    for name, value in settings.items():
        monkeypatch.setenv(f"COURSE_{name}", value)
    known, world, problems = iter(answers(path.stem)), {"display": print}, []

    def expect(mark: str, word: str, source: str, check: str, place: dict) -> None:
        said(source, place)
        text = said(check, place)
        if not text.startswith(mark) or word.lower() not in text.lower() or text.count("\n") != 1:
            problems.append(f"{check}\n{source}\n-> {text}expected {mark} and {word!r}, on one line\n")

    for cell in needed(read(path), answers(path.stem)):
        tags = cell.metadata.get("tags", [])
        if "check" in tags:
            check, one = cell.source, next(known)
            expect(OPEN, "not answered yet", "", check, world)
            for source, word in one["wrong"]:
                expect(WRONG, word, source, check, dict(world))
            for source in one["right"]:
                expect(RIGHT, "", source, check, dict(world))
        elif "solution" in tags:
            expect(RIGHT, "", cell.source, check, world)
        else:
            said(cell.source, world)
    for value in world.values():  # a page that a cell has started
        if type(value).__module__.startswith("faceapp.web") and hasattr(value, "stop"):
            value.stop()
    assert not problems, "\n".join(problems)


@EACH
def test_each_exercise_has_three_right_and_three_wrong_answers(path):
    known = answers(path.stem)
    assert len(known) == len(tagged(read(path), "exercise"))
    for one in known:
        assert len(one["right"]) >= 3 and len(one["wrong"]) >= 3, one["right"]
        assert all(len(word) >= 3 for _, word in one["wrong"])


@EACH
def test_the_cell_below_a_stub_does_not_show_the_answer(path):
    number, notebook = path.stem[:2], read(path)
    stubs, checks = tagged(notebook, "exercise"), tagged(notebook, "check")
    for k, (stub, check) in enumerate(zip(stubs, checks, strict=True), 1):
        call = re.fullmatch(rf'checks\.exercise\(\n?\s*"{number}/{k}", (\w+)[^=\n]*(\n\))?', check.source)
        assert call and call[1] in names(stub.source)[0], check.source
    module = importlib.import_module(f"helpers.checks.notebook_{number}")
    assert {name for name in vars(module) if name.startswith("exercise_")} == {
        f"exercise_{k + 1}" for k in range(len(stubs))
    }


@EACH
def test_a_folded_solution_shows_nothing(path):
    for cell in tagged(read(path), "solution"):
        assert not cell.outputs, cell.source
        assert not isinstance(ast.parse(cell.source).body[-1], ast.Expr), "it would print its last line"
        assert "print(" not in cell.source
