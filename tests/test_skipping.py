"""Where a package is missing, cells that need it are skipped with a sentence, and the rest of a notebook runs."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import skipping


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a cell in a shell to which flask and tf_keras_vis are unknown; returns what it printed."""
    for name in ("flask", "faceapp.web", "tf_keras_vis", "tf_keras_vis.saliency"):
        monkeypatch.setitem(sys.modules, name, None)
    shell = InteractiveShell()
    skipping.watch(shell)
    skipping.watch(shell)
    assert sum(isinstance(transformer, skipping.SkipCells) for transformer in shell.ast_transformers) == 1

    def cell(source: str) -> str:
        result = shell.run_cell(source)
        assert result.success, source
        return capsys.readouterr().out

    return cell


def test_an_import_says_what_is_missing_and_brings_the_rest(run):
    printed = run("import math\nimport flask\nfrom os import path, sep\nprint(math.pi, sep)")
    assert "3.14" in printed and "needs flask" in printed and "install flask" in printed


def test_what_needs_it_is_skipped_and_so_is_what_needs_that(run):
    run("import flask, math")
    assert run("app = flask.Flask('x')\ncount = 3").startswith("Skipped: this cell needs flask")
    assert run("def get():\n    return app\nfirst = 1").startswith("Skipped: this cell needs flask")
    assert run("print(get())").startswith("Skipped: this cell needs flask")
    assert run("print(math.floor(2.5))") == "2\n"


def test_a_name_that_is_defined_otherwise_is_no_longer_missing(run):
    run("import flask")
    run("answer = flask.Flask('x')")
    assert run("def local():\n    answer = 1\nprint('defined')") == "defined\n"
    assert run("print(answer)").startswith("Skipped"), "a local name is another one"
    assert run("answer = 42\nprint('set')") == "set\n"
    assert run("print(answer)") == "42\n"


def test_from_a_package_only_what_is_there_is_taken(run):
    printed = run("from tf_keras_vis.saliency import Saliency\nfrom collections import OrderedDict, Counter")
    assert "tf-keras-vis" in printed or "tf_keras_vis" in printed
    assert run("print(Counter('aab')['a'])") == "2\n"
    assert run("Saliency(None)").startswith("Skipped")


def test_errors_of_other_kinds_are_shown_as_ever(run, capsys):
    with pytest.raises(AssertionError):
        run("1 / 0")
    assert "ZeroDivisionError" in capsys.readouterr().out
