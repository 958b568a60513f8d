"""A class's results pooled: what the students' private worlds and seeds gave, in one figure and one table, without names.

python -m tools.classroom.pooled FOLDER           a folder or zip for each student, each with their runs/; into build/class/
"""

import pathlib
import sys
import tempfile

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import evaluation, files, runs
from tools.notebooks import ROOT

OUT = ROOT / "build" / "class"
LEAST = 3  # students with a run, for an interval over students
KEPT, LARGEST = ("record.json", "predictions.npz"), 20_000_000  # what is read of a zip; bytes of one such file


def students(folder: pathlib.Path) -> dict[str, list[runs.Run]]:
    """Each student's finished runs, the newest of a name: from a folder, or from a zip with one."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            found[path.name] = newest(path)
        elif path.suffix == ".zip":
            with tempfile.TemporaryDirectory() as place:
                unpack(path, pathlib.Path(place))
                found[path.name] = newest(pathlib.Path(place))
    return {name: kept for name, kept in found.items() if kept}


def unpack(path: pathlib.Path, place: pathlib.Path) -> None:
    """The records and predictions in a student's zip, and nothing else."""
    with files.open_zip(path) as packed:
        for info in packed.infolist():
            target = (place / info.filename).resolve()
            if target.name in KEPT and target.is_relative_to(place.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                with files.open_member(packed, info) as member:
                    target.write_bytes(files.read_at_most(member, LARGEST))


def newest(folder: pathlib.Path) -> list[runs.Run]:
    """The newest finished run of each name below a folder."""
    records = sorted(folder.glob("**/*-s*/record.json"), key=lambda path: path.stat().st_mtime)
    found = [runs.read(path.parent) for path in records]
    return list({run.name: run for run in found if run}.values())


def by_run(found: dict[str, list[runs.Run]]) -> dict[str, list[tuple[int, int]]]:
    """For each run that students made: (right, test images), one pair a student."""
    scores = {}
    for kept in found.values():
        for run in kept:
            scores.setdefault(run.name, []).append((int((run.predicted == run.labels).sum()), len(run.labels)))
    return dict(sorted(scores.items()))


def spread(pairs: list[tuple[int, int]]) -> dict:
    """One row of the table: how far students lie apart, and how far the size of their tests alone would put them."""
    right, images = np.array(pairs).T
    shares, pooled = right / images, right.sum() / images.sum()
    row = {
        "students": len(pairs),
        "lowest": shares.min(),
        "highest": shares.max(),
        "pooled": pooled,
        "standard deviation": shares.std(ddof=1) if len(pairs) > 1 else np.nan,
        "from the test's size alone": np.sqrt(np.mean(pooled * (1 - pooled) / images)),
    }
    if len(pairs) >= LEAST:
        low, high = evaluation.bootstrap(lambda r, n: r.sum() / n.sum(), right, images, resamples=4000)
        row["95% interval, over students"] = f"[{low:.3f}, {high:.3f}]"
    return row


def figure(scores: dict[str, list[tuple[int, int]]]) -> plt.Figure:
    """A row a run, a dot a student, and a bar at the pooled share."""
    drawn, axis = plt.subplots(figsize=(8, 0.45 * len(scores) + 1.4), layout="constrained")
    for y, pairs in enumerate(scores.values()):
        right, images = np.array(pairs).T
        moved = y + np.random.default_rng(0).uniform(-0.14, 0.14, len(pairs))  # so that equal dots stay apart
        axis.plot(right / images, moved, "o", color="#0072B2", alpha=0.6, markersize=6)
        axis.vlines(right.sum() / images.sum(), y - 0.3, y + 0.3, color="#D55E00", linewidth=3)
    axis.set_yticks(range(len(scores)), scores)
    axis.set_ylim(len(scores) - 0.5, -0.5)
    axis.set_xlabel("accuracy on the student's own test images")
    most = max(len(pairs) for pairs in scores.values())
    axis.set_title(f"One recipe, up to {most} worlds and seeds: a dot a student, a bar for all of them")
    axis.grid(axis="x", color="0.9")
    axis.set_axisbelow(True)
    return drawn


def main(folder: str) -> pd.DataFrame:
    """Read what the students handed in, and write the figure and the table."""
    place = pathlib.Path(folder)
    if not folder or not place.is_dir():
        raise SystemExit("Say which folder holds the students' runs: one folder or zip for each student.")
    scores = by_run(students(place))
    if not scores:
        raise SystemExit(f"No finished run lies below {place}: each student hands in their folder runs/.")
    OUT.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({name: spread(pairs) for name, pairs in scores.items()}).T
    table.index.name = "run"
    table.to_csv(OUT / "pooled.csv", float_format="%.4f")
    drawn = figure(scores)
    drawn.savefig(OUT / "spread.svg")
    plt.close(drawn)
    print(table.to_string(float_format=lambda value: f"{value:.3f}"))
    print("build/class/spread.svg and build/class/pooled.csv are written.")
    return table


if __name__ == "__main__":
    matplotlib.use("Agg")
    main(*sys.argv[1:2] or [""])
