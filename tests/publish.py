"""`make notebooks`: run the series at profile standard on the drawn faces and save the outputs into the notebooks.

python -m tests.publish [NAME ...]       a name is the start of a file's name, such as 01
"""

import json
import shutil
import sys
import time

import nbformat

from tests.notebooks import ROOT, SERIES, fingerprint, read, run

MINUTES = ROOT / "helpers" / "assets" / "minutes.json"


def publish(path) -> float:
    """Run one notebook and save it with its outputs; returns the minutes that it took."""
    notebook = read(path)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    start = time.monotonic()
    runs = ROOT / "build" / "published" / path.stem  # none of an earlier time: the minutes are those of a first run
    shutil.rmtree(runs, ignore_errors=True)
    run(notebook, path, "standard", cell_seconds=900, COURSE_RUNS=str(runs))
    minutes = (time.monotonic() - start) / 60
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["course"] = {"outputs_of": fingerprint(notebook)}
    nbformat.write(notebook, path)
    return minutes


def main(names: list[str]) -> None:
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
