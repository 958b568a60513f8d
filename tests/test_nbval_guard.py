"""A hung and a dead notebook fail clearly, with their name, and soon; the cells after the failure are skipped."""

import subprocess
import sys
import time

import nbformat
import pytest

from tools.notebooks import ROOT

CASES = {
    "hung": ("import time; time.sleep(600)", "Timeout of 3 seconds"),
    "deaf": (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)",
        "Timeout of 3 seconds",
    ),
    "dead": ("import os; os._exit(1)", "the kernel died in this cell"),
    "wrong": ("1 / 0", "ZeroDivisionError"),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_broken_notebook_fails_with_its_name(kind, tmp_path):
    source, says = CASES[kind]
    cells = [nbformat.v4.new_code_cell(text) for text in ("x = 1", source, "print(x)")]
    path = tmp_path / f"99_{kind}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    options = ["-p", "tests.nbval_guard", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "3"]
    start = time.monotonic()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            "--color=no",
            "-rs",
            str(path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 1, done.stdout
    assert path.name in done.stdout and says in done.stdout, done.stdout
    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout
    assert time.monotonic() - start < 100
