"""Drawing many faces on all cores."""

import time
from collections.abc import Iterator

import numpy as np

from .render import draw

PART = 25  # faces that a process draws at a time
MOST_WORKERS = 8  # more take longer to start than they save
WORTH_A_START = 3.0  # seconds of drawing from which processes pay: they take one to start, three on a busy machine


def draw_all(rows: list[dict], size: int, seed: int, workers: int | None = None) -> np.ndarray:
    """The photographs (n, size, size) of faces with these conditions: the same bytes, however many processes draw.

    After two seconds, a line says how long the rest will take.
    """
    images = np.empty((len(rows), size, size), np.uint8)
    done, began, said = 0, 0.0, False
    for part in drawn_parts(rows, size, seed, workers or worthwhile(len(rows), size)):
        images[done : done + len(part)] = part
        done += len(part)
        began = began or time.monotonic()  # at the first part: the start of the processes is no measure of the rest
        elapsed = time.monotonic() - began
        if elapsed > 2 and not said:
            said, left = True, elapsed / (done - PART) * (len(rows) - done)
            if left > 1:
                print(f"Drawing {len(rows):,} faces: about {left:.0f} s to go.", flush=True)
    return images


def drawn_parts(rows: list[dict], size: int, seed: int, workers: int) -> Iterator[np.ndarray]:
    """The photographs, some at a time, in order. joblib keeps its processes: only the first call waits for their start."""
    parts = [rows[k : k + PART] for k in range(0, len(rows), PART)]
    if min(workers, len(parts)) <= 1:
        return (draw_part(part, size, seed) for part in parts)
    from joblib import Parallel, delayed

    return Parallel(workers, return_as="generator")(delayed(draw_part)(part, size, seed) for part in parts)


def draw_part(rows: list[dict], size: int, seed: int) -> np.ndarray:
    """The photographs of some faces, one after the other."""
    return np.array([draw(row, size, seed) for row in rows])


def worthwhile(n: int, size: int) -> int:
    """How many processes to draw n faces with: one, unless the drawing takes long enough to start more."""
    if n * (0.002 + 2e-7 * size**2) < WORTH_A_START:  # seconds a face on one core
        return 1
    from joblib import cpu_count

    return min(cpu_count(), MOST_WORKERS)
