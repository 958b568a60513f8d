"""The lessons on Keras' other backend: a student on Colab may choose JAX. JAX=1 runs 03 to 09, else one of them runs."""

import os

import pytest

from tools.notebooks import SERIES, code_cells, read, run

pytest.importorskip("jax")
LESSONS = [path for path in SERIES if "03" <= path.name[:2] <= "09"]
CHOSEN = LESSONS if os.environ.get("JAX") else [path for path in LESSONS if path.name.startswith("04")]


@pytest.mark.slow
@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
def test_a_lesson_runs_on_jax(path, tmp_path):
    notebook = read(path)
    run(notebook, path, "quick", cell_seconds=300, KERAS_BACKEND="jax", COURSE_RUNS=str(tmp_path))
    printed = "\n".join(output.get("text", "") for cell in code_cells(notebook) for output in cell.outputs)
    assert "Keras on jax" in printed, "the setup cell names the backend"
