"""`make notebooks`: run the series at profile standard on the drawn faces and save the outputs into the notebooks.

python -m tools.publish [NAME ...]       a name is the start of a file's name, such as 01
"""

import base64
import io
import json
import math
import os
import re
import shutil
import sys
import time

import nbformat
import numpy as np
from nbclient.exceptions import CellExecutionError
from PIL import Image

from tools import readings
from tools.notebooks import ROOT, SERIES, code_cells, fingerprint, minutes_to_read, read, run

RUNS = ROOT / "build" / "published"
MINUTES = ROOT / "helpers" / "assets" / "minutes.json"
PALETTES, VISIBLE = (
    (96, 128, 256),
    15,
)  # colours, fewest first; the difference of a channel, of 255, that a reader might see


def publish(path) -> float:
    """Run one notebook and save it with its outputs; returns the minutes that it takes alone, without earlier notebooks' runs."""
    notebook = read(path)
    running = readings.guarded(notebook)
    start, processor = time.monotonic(), minutes_of_processor()
    try:
        run(running, path, "standard", cell_seconds=900, COURSE_RUNS=str(RUNS))
    except CellExecutionError as error:
        raise readings.explained(error, running, path.name) from error
    computed = minutes_of_processor() - processor  # Windows counts none
    minutes = min((time.monotonic() - start) / 60, computed or math.inf)
    readings.without_guards(running, notebook)
    minutes += sum(taken_before(notebook))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    slim(notebook)
    state_minutes(notebook, minutes)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["course"] = {"outputs_of": fingerprint(notebook)}
    nbformat.write(notebook, path)
    return minutes


def minutes_of_processor() -> float:
    """What finished kernels have computed: where other work keeps the machine busy, the fairer measure, and never too small
    for a notebook that computes all the time."""
    used = os.times()
    return (used.children_user + used.children_system) / 60


def slim(notebook) -> None:
    """Figures as small as they can be without a change that a reader could see."""
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        if "image/png" in output.get("data", {}):
            png = base64.b64decode(output["data"]["image/png"])
            output["data"]["image/png"] = base64.b64encode(smaller(png)).decode()


def smaller(png: bytes) -> bytes:
    """The same figure without its alpha channel, with a palette where that leaves every pixel's colour as it was."""
    figure = Image.open(io.BytesIO(png))
    if figure.mode == "P":  # done before
        return png
    figure, out = figure.convert("RGB"), io.BytesIO()
    exact, small = figure.getcolors(PALETTES[-1]) is not None, figure
    for colours in PALETTES[-1:] if exact else PALETTES:
        method = Image.Quantize.MEDIANCUT if exact else Image.Quantize.MAXCOVERAGE  # the latter keeps rare colours, too
        palette = figure.quantize(colours, method, dither=Image.Dither.NONE)
        if np.abs(np.asarray(palette.convert("RGB"), int) - np.asarray(figure, int)).max() <= VISIBLE:
            small = palette
            break
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def state_minutes(notebook, minutes: float) -> None:
    """Write the minutes to read, counted, and the minutes to run, measured, into the notebook's opening."""
    runs = max(1, round(minutes))
    line = rf"**{minutes_to_read(notebook)} minutes to read\1, {runs} minute{'s' * (runs > 1)} to run**"
    opening = notebook.cells[0]
    opening.source = re.sub(r"\*\*\d+ minutes to read(.*?), \d+ minutes? to run\*\*", line, opening.source)


def taken_before(notebook):
    """The minutes of the trainings that this notebook found finished."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    shown = "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    for name in set(re.findall(r"^(\w+): found finished", shown, re.M)):
        newest = max((RUNS / name).glob("*-s*/record.json"), key=lambda path: path.stat().st_mtime)
        yield json.loads(newest.read_text("utf-8"))["minutes"]


def main(names: list[str]) -> None:
    if not names:
        shutil.rmtree(
            RUNS, ignore_errors=True
        )  # the whole series afresh; a single notebook may find what others trained
    for path in SERIES:
        if names and not any(path.name.startswith(name) for name in names):
            continue
        print(f"{path.name} ...", end=" ", flush=True)
        taken = publish(path)
        print(f"{taken:.1f} min", flush=True)
        measured = json.loads(MINUTES.read_text())
        measured.setdefault(path.stem, {})["standard"] = round(taken, 2)
        MINUTES.write_text(json.dumps(measured, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
