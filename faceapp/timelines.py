"""`timeline`: what a network says of every face in every frame of a source, as a table; also into a CSV and a video."""

from __future__ import annotations

import csv as csv_format
import os
import pathlib
import time as clock
from collections.abc import Iterator

import pandas as pd

from helpers import CLASSES

from .boxes import Face, picture
from .captures import PATIENCE
from .opening import open_source
from .predict import Predictor
from .sources import WHOLE, Frames, SourceError
from .tracking import Smoother, Tracker
from .writing import Writer, drawn

COLUMNS = ("frame", "time", "person", "x", "y", "w", "h", "score", *CLASSES, "label", "truth", "intensity")
WHOLE_NUMBERS = ("person", "x", "y", "w", "h")
CHUNK = 2_000  # rows that are held as Python objects before they become a piece of the table
CAMERA_SECONDS = 10.0  # a camera has no end of its own


class Watcher:
    """Looks at frame after frame: detect every few, follow in between, predict all faces at once, smooth over time.

    Call it with a picture and its time in seconds; it gives each `Face` with `person`, the largest first.
    """

    def __init__(self, predictor: Predictor | None = None, every: int = 5, half_life: float = 0.3):
        self.predictor = predictor or Predictor()
        self.tracker = Tracker(self.predictor.detect, every)
        self.smooth = Smoother(half_life)

    def __call__(self, image, time: float) -> list[Face]:
        image = picture(image)
        return self.smooth(self.predictor.faces(image, self.tracker(image)), time)


def rows(source="simulated", predictor=None, *, every: int = 5, half_life: float = 0.3, seconds: float | None = None,
         frames: int | None = None, fps: float | None = None, patience: float = PATIENCE, each=None) -> Iterator[dict]:  # fmt: skip
    """A row a frame and face, as they come; a frame without a face gives one row without a box.

    `each(frame, time, faces, source)` is called for every frame. Options as for `timeline`.
    """
    source = open_source(source, fps, patience)
    watch = Watcher(as_predictor(predictor), every, half_life)
    seconds = CAMERA_SECONDS if source.endless and seconds is None and frames is None else seconds
    for k, (time, frame) in enumerate(source):
        if (seconds is not None and time >= seconds) or (frames is not None and k >= frames):
            source.ended = f"stopped after {k:,} frames, as asked"
            return
        frame = picture(frame)
        faces = watch(frame, time)
        if each is not None:
            each(frame, time, faces, source)
        known = truth_at(source.truth, k)
        for face in faces or [None]:
            yield {"frame": k, "time": round(time, 4)} | described(face) | known


def timeline(source="simulated", predictor=None, *, csv=None, video=None, every: int = 5, half_life: float = 0.3,
             seconds: float | None = None, frames: int | None = None, fps: float | None = None,
             patience: float = PATIENCE, progress: bool = True) -> pd.DataFrame:  # fmt: skip
    """A table with a row a frame and face: time, person, box, the seven probabilities, label; also the truth where it is known.

    source      "simulated", a drawn clip, a camera's number, a video file, a folder of pictures: see `open_source`
    predictor   a Predictor, or a model for one; left out, the course's own net
    csv, video  files to write as well: the table, row by row, and the frames with their boxes, in the source's own size
                and rate (.mp4, .avi, .webm; without sound)
    every       frames from one detection to the next
    half_life   seconds after which an older answer counts half; 0 takes each frame alone
    seconds, frames   where to stop; a camera stops after 10 s unless told
    fps         the rate of a folder of pictures
    patience    seconds to wait for a frame before the source counts as hung

    Only the table is held in memory. A source that breaks in its midst, or a press on stop, ends the table there, and a
    file without one readable frame gives an empty table; a line then says why, and `table.attrs["ended"]` too ("whole"
    when nothing was amiss). Frames are not independent of each other.
    """
    source = opened(source, fps, patience)
    begun, pieces, part, seen = clock.monotonic(), [], [], 0
    line = progress_line(progress)
    writer = Writer(video, source.fps) if video is not None else None
    table_file = CsvFile(csv) if csv is not None else None

    def each(frame, time, faces, source):
        nonlocal seen
        seen += 1
        if writer is not None:
            writer.write(drawn(frame, faces), time)
        if line is not None and seen % 10 == 0:
            line.show(told(source, seen, begun, faces))

    try:
        for row in rows(source, predictor, every=every, half_life=half_life, seconds=seconds, frames=frames, each=each):
            part.append(row)
            if table_file is not None:
                table_file.write(row)
            if len(part) >= CHUNK:
                pieces.append(table_of(part))
                part = []
    except SourceError as problem:
        if writer is not None and writer.problem:
            raise
        source.ended = str(problem)
    except KeyboardInterrupt:
        source.ended = f"stopped by hand after {seen:,} frames"
    finally:
        for file in (writer, table_file):
            if file is not None:
                file.close()
    table = pd.concat([*pieces, table_of(part)], ignore_index=True) if pieces else table_of(part)
    if table["truth"].isna().all():
        table = table.drop(columns=["truth", "intensity"])
    table.attrs = {"source": source.name, "fps": source.fps, "frames": seen, "ended": source.ended}
    text = f"{source.name}: {seen:,} frames in {clock.monotonic() - begun:.0f} s"
    if line is not None:
        line.keep(text if source.ended == WHOLE else f"{text}; {source.ended}")
    elif source.ended != WHOLE and "as asked" not in source.ended:
        print(f"{text}; {source.ended}")
    return table


def opened(source, fps, patience):
    """The source; one that lies there but cannot be opened is one without frames. A path that leads nowhere is an error."""
    try:
        return open_source(source, fps, patience)
    except SourceError as problem:
        if not isinstance(source, (str, os.PathLike)) or not os.path.exists(source):
            raise
        return Broken(pathlib.Path(source).name, str(problem))


class Broken(Frames):
    """A file or folder from which no frame comes, and why."""

    def __init__(self, name: str, why: str):
        super().__init__([], name=name)
        self.why = why

    def __iter__(self):
        yield from ()
        self.ended = self.why


def as_predictor(predictor) -> Predictor:
    """A Predictor as it is; anything else is a model for one."""
    return predictor if predictor is None or isinstance(predictor, Predictor) else Predictor(predictor)


def described(face: Face | None) -> dict:
    """A face as the columns of a row; none leaves them empty."""
    if face is None:
        return dict.fromkeys(COLUMNS[2:-2])
    x, y, w, h = face.box
    row = {"person": face.person, "x": x, "y": y, "w": w, "h": h, "score": round(face.box.score, 4)}
    row |= {name: round(float(p), 6) for name, p in zip(CLASSES, face.probabilities, strict=True)}
    return row | {"label": face.emotion}


def truth_at(truth, k: int) -> dict:
    """What the source knows of its k-th frame."""
    if truth is None or k >= len(truth):
        return {"truth": None, "intensity": None}
    row = truth.iloc[k]
    return {"truth": row["emotion"], "intensity": round(float(row.get("intensity", 1.0)), 4)}


def table_of(part: list[dict]) -> pd.DataFrame:
    """Rows as a table: whole numbers stay whole also where a frame has no face."""
    table = pd.DataFrame(part, columns=list(COLUMNS))
    kinds = dict.fromkeys(WHOLE_NUMBERS, "Int64") | dict.fromkeys(("score", *CLASSES, "intensity", "time"), "float64")
    return table.astype(kinds | {"frame": "int64", "label": "object", "truth": "object"})


class CsvFile:
    """The rows as text, written as they come, at the very path that was asked for."""

    def __init__(self, path):
        self.file = open(pathlib.Path(path), "w", newline="", encoding="utf-8")  # noqa: SIM115 (closed by the caller)
        self.writer = csv_format.DictWriter(self.file, COLUMNS)
        self.writer.writeheader()

    def write(self, row: dict) -> None:
        self.writer.writerow(row)

    def close(self) -> None:
        self.file.close()


def progress_line(progress: bool):
    """The line of progress that training has, too."""
    if not progress:
        return None
    from helpers.training.progress import Line

    return Line()


def told(source, seen: int, begun: float, faces: list[Face]) -> str:
    """How far it is."""
    speed = seen / max(clock.monotonic() - begun, 1e-6)
    of = f" of {source.count:,}" if source.count else ""
    left = f", {max(source.count - seen, 0) / speed:.0f} s left" if source.count else ""
    now = ", ".join(f"{face.emotion} {face.confidence:.0%}" for face in faces[:3]) or "no face"
    return f"{source.name}: frame {seen:,}{of}, {speed:.0f} a second{left} · {now}"
