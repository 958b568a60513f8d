"""Drawing many faces on all cores.

Helper processes are started as plain commands that read their orders from a pipe, so that it works alike in a
notebook, a script without a main guard, Windows, macOS and under pytest; should one fail, its share is drawn here.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from itertools import pairwise

import cv2
import numpy as np

from .conditions import order_row
from .render import draw

COST = 0.005  # seconds a face of 48 pixels, roughly: only decides how many processes are worth their start
HEAD_START = 150  # faces that this process draws while the others start


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def draw_all(orders: list[dict], size: int, workers: int | None = None) -> tuple[list[dict], np.ndarray]:
    """Rows and images of all orders, the same bytes however the work is shared."""
    if workers is None:
        work = len(orders) * COST * max(1.0, (size / 48) ** 2 * 0.6)
        workers = min(cores(), 8) if work > 3 else 1
    workers = max(1, min(workers, len(orders)))
    if workers == 1 or not sys.executable:
        return draw_here(orders, size, report=True)
    ahead = min(HEAD_START, len(orders) // 4)
    bounds = [0, *(ahead + (len(orders) - ahead) * k // workers for k in range(1, workers + 1))]
    shares = [orders[a:b] for a, b in pairwise(bounds)]
    results: list = [None] * workers
    threads = [threading.Thread(target=ask, args=(shares[k], size, results, k)) for k in range(1, workers)]
    for thread in threads:
        thread.start()
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # a process a core already: OpenCV's own threads would only get in each other's way
    try:
        results[0] = draw_here(shares[0], size, report=True, total=len(orders))
    finally:
        cv2.setNumThreads(before)
    for thread in threads:
        thread.join()
    done = [r if r is not None else draw_here(share, size) for r, share in zip(results, shares, strict=True)]
    return [row for rows, _ in done for row in rows], np.concatenate([images for _, images in done])


def draw_here(orders: list[dict], size: int, report: bool = False, total: int = 0) -> tuple[list[dict], np.ndarray]:
    """Rows and images, one after the other; one line says how far it is when it takes more than two seconds."""
    images = np.empty((len(orders), size, size), np.uint8)
    rows = []
    start, said = time.monotonic(), not report
    for k, order in enumerate(orders):
        row = order["row"] if "row" in order else order_row(order)
        images[k] = draw(row, size, order["seed"], row["index"])
        rows.append(row)
        if not said and time.monotonic() - start > 2:
            said = True
            left = (time.monotonic() - start) / (k + 1) * (len(orders) - k - 1)
            if left < 1:
                continue
            print(f"Drawing {total or len(orders):,} faces: about {left:.0f} s to go.", flush=True)
    return rows, images


def ask(orders: list[dict], size: int, results: list, place: int) -> None:
    """Have a process of its own draw these orders; leaves None in its place when that fails."""
    code = "from drawn_faces.workers import serve; serve()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    try:
        answer = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps((orders, size)),
            capture_output=True,
            env=environment,
            check=True,
        )
        rows, images = pickle.loads(answer.stdout)
        if len(rows) == len(orders) and images.shape == (len(orders), size, size):
            results[place] = rows, images
    except (OSError, subprocess.SubprocessError, pickle.UnpicklingError, EOFError):
        results[place] = None


def serve() -> None:
    """Draw what the other end of the pipe asks for, and send it back."""
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    cv2.setNumThreads(1)
    orders, size = pickle.load(sys.stdin.buffer)
    out.write(pickle.dumps(draw_here(orders, size)))
    out.flush()
