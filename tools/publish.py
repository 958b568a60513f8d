"""`make notebooks`: run the series at profile standard on the drawn faces and save the outputs into the notebooks.

python -m tools.publish [NAME ...]       a name is the start of a file's name, such as 01
"""

import base64
import io
import json
import re
import shutil
import sys
import time

import nbformat
from PIL import Image

from tools.notebooks import ROOT, SERIES, code_cells, fingerprint, read, run

RUNS = ROOT / "build" / "published"
MINUTES = ROOT / "helpers" / "assets" / "minutes.json"


def publish(path) -> float:
    """Run one notebook and save it with its outputs; returns the minutes that it takes alone, without earlier notebooks' runs."""
    notebook = read(path)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    start = time.monotonic()
    run(notebook, path, "standard", cell_seconds=900, COURSE_RUNS=str(RUNS))
    minutes = (time.monotonic() - start) / 60 + sum(taken_before(notebook))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    slim(notebook)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["course"] = {"outputs_of": fingerprint(notebook)}
    nbformat.write(notebook, path)
    return minutes


def slim(notebook) -> None:
    """Figures with a palette of 64 colours: a quarter of the bytes, and hardly a difference that one could see."""
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        if "image/png" not in output.get("data", {}):
            continue
        drawn, smaller = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))), io.BytesIO()
        if drawn.mode != "P":  # once is enough
            drawn.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(smaller, "PNG", optimize=True)
            output["data"]["image/png"] = base64.b64encode(smaller.getvalue()).decode()


def taken_before(notebook):
    """The minutes of the trainings that this notebook found finished."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    shown = "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    for name in set(re.findall(r"^(\w+): found finished", shown, re.M)):
        newest = max((RUNS / name).glob("*-s*/record.json"), key=lambda path: path.stat().st_mtime)
        yield json.loads(newest.read_text("utf-8"))["minutes"]


def main(names: list[str]) -> None:
    if not names:
        shutil.rmtree(RUNS, ignore_errors=True)  # the whole series anew; a single notebook may find what others trained
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
