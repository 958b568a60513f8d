"""Drawn faces that stand for FER-2013 in the tests of the reference commands."""

import pathlib

import numpy as np

from helpers import synthetic

CSV_CODES = (0, 1, 2, 3, 6, 4, 5)  # the 2013 file's code of each of our classes


def table(path: pathlib.Path, counts: dict[str, int]) -> pathlib.Path:
    """Drawn faces as a 2013 CSV, so many for each usage; the last one of PrivateTest stands in Training, too."""
    drawn = synthetic.faces(sum(counts.values()), seed=5, balanced=True)
    drawn.images[-1] = drawn.images[0]
    usages = np.repeat(list(counts), list(counts.values()))
    rows = ["emotion,pixels,Usage"] + [
        f"{CSV_CODES[label]},{' '.join(map(str, image.ravel()))},{usage}"
        for label, image, usage in zip(drawn.labels.tolist(), drawn.images, usages, strict=True)
    ]
    path.write_text("\n".join(rows) + "\n")
    return path
