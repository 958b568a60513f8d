"""Publishing: figures keep their colours, readings are guarded, minutes are stated."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbclient.exceptions import CellExecutionError
from nbformat import v4
from PIL import Image

from tools import notebooks, publish, readings


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)


def figure_with_a_diverging_bar() -> np.ndarray:
    """Mostly grey, as a figure of faces is, with a small bar from purple over white to orange at its edge."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4), dpi=100)
    grey = np.random.default_rng(0).integers(0, 256, (200, 300))
    ax.imshow(grey, cmap="gray")
    fig.colorbar(plt.cm.ScalarMappable(plt.Normalize(-1, 1), "PuOr"), ax=ax, fraction=0.02)
    fig.canvas.draw()
    drawn = np.asarray(fig.canvas.buffer_rgba()).copy()
    plt.close(fig)
    return drawn


def test_both_ends_of_a_colour_bar_stay_what_they_were():
    before = figure_with_a_diverging_bar()
    after = pixels(publish.smaller(png(before)))
    colourful = np.ptp(before[..., :3].astype(int), axis=2) > 60  # the bar: the rest is grey
    assert colourful.sum() > 500
    assert np.abs(after - before[..., :3].astype(int))[colourful].max() <= publish.VISIBLE


def test_a_figure_of_few_colours_gets_smaller_and_stays_the_same():
    flat = np.zeros((300, 400, 4), np.uint8)
    flat[..., 3] = 255
    flat[50:100, 50:300] = [0, 114, 178, 255]
    before = png(flat)
    after = publish.smaller(before)
    assert len(after) < len(before) and (pixels(after) == flat[..., :3]).all()
    assert publish.smaller(after) == after, "once is enough"


def reading(text: str, *conditions: str):
    cell = v4.new_markdown_cell(text)
    cell.metadata["course"] = {"holds": list(conditions)}
    return cell


def executed(*cells):
    notebook = v4.new_notebook(cells=list(cells))
    running = readings.guarded(notebook)
    try:
        notebooks.run(running, notebooks.FOLDER / "00_test.ipynb", "quick", cell_seconds=60)
    except CellExecutionError as error:
        raise readings.explained(error, running, "00_test.ipynb") from error
    readings.without_guards(running, notebook)
    return notebook


def test_a_run_with_another_outcome_fails_with_the_notebook_the_cell_and_the_sentence():
    score = v4.new_code_cell("score = 0.4\nscore")
    true = executed(score, reading("In the run shown: the score is 0.4.", "score < 0.5"), v4.new_code_cell("score"))
    assert [cell.cell_type for cell in true.cells] == ["code", "markdown", "code"], "no guard is left"
    assert [cell.execution_count for cell in notebooks.code_cells(true)] == [1, 2]
    with pytest.raises(readings.FalseReading, match=r"00_test\.ipynb, cell 1: .*score > 0\.5.*the score is high"):
        executed(score, reading("In the run shown, the score is high.", "score > 0.5"))


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("In the run shown: .725 of 3,589, or 72.5 percent.", []),
        ("In the run shown: 0.73, rounded.", []),
        ("In the run shown: 0.726.", [0.726]),
        ("In the run shown: it fell by 2.6 points.", []),
        ("Elsewhere it was 0.9.\n\nIn the run shown: 0.725", []),
        ("In the run shown it is −2.6.", []),
    ],
)
def test_a_quoted_number_stands_in_the_outputs_above(sentence, missing):
    output = v4.new_output("stream", text="accuracy 0.725 [0.70, 0.75] of 3,589; loss -2.6\n")
    notebook = v4.new_notebook(cells=[v4.new_code_cell("...", outputs=[output]), reading(sentence)])
    assert readings.quoted_from_nowhere(notebook, 1) == missing


@settings(deadline=None)
@given(st.floats(0, 1000), st.integers(1, 4))
def test_a_number_may_be_rounded(value, digits):
    assert readings.rounds_to(value, float(f"{value:.{digits}f}")) or float(f"{value:.{digits}f}") == int(value + 0.5)


def test_minutes_are_counted_measured_and_stated():
    opening = "# 00\n\n**99 minutes to read and try, 9 minutes to run** (2 cores)"
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(opening), v4.new_markdown_cell("word " * 253)])
    notebook.cells += [v4.new_code_cell("1")] * 6
    publish.state_minutes(notebook, 0.2)
    assert "**5 minutes to read and try, 1 minute to run** (2 cores)" in notebook.cells[0].source


def test_a_tiny_quoted_number_rounds_as_any_other():
    assert readings.rounds_to(0.0000102, 0.00001) and not readings.rounds_to(0.00002, 0.00001)
