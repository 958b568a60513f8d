"""`timeline`: what a network says of every face in every frame of a source, as a table; also as a CSV and a video."""

from __future__ import annotations

import contextlib
import pathlib
import time as clock

import pandas as pd

from helpers import CLASSES
from helpers.files import CourseError, write_atomically
from helpers.progress import Line

from .boxes import Face, annotate, picture
from .predict import VideoPredictor
from .video import USUAL_FPS, WHOLE, Source, open_source, video_writer

COLUMNS = ("frame", "time", "person", "x", "y", "w", "h", "score", *CLASSES, "label", "truth", "intensity")
WHOLE_NUMBERS = ("person", "x", "y", "w", "h")
CAMERA_SECONDS = 10.0  # a camera has no end of its own
AS_ASKED = "stopped as asked"


def timeline(source="simulated", predictor=None, *, csv=None, video=None, every: int = 5, half_life: float = 0.3,
             seconds: float | None = None, frames: int | None = None, fps: float = USUAL_FPS,
             progress: bool = True) -> pd.DataFrame:  # fmt: skip
    """A table with a row a frame and face: time, person, box, the seven probabilities, label; also the truth where it is known.

    source      "simulated", a drawn clip, a camera's number, a video file, a folder of pictures: see `open_source`
    predictor   a Predictor, or a model for one; left out, the course's own net
    csv, video  files to write as well: the table, and the frames with their boxes, in the source's size and rate (.mp4,
                .avi, .webm; without sound)
    every       frames from one detection to the next
    half_life   seconds after which an older answer counts half; 0 takes each frame alone
    seconds, frames   where to stop; a camera stops after 10 s by itself
    fps         the rate of a folder of pictures

    A source that breaks off, or a press on stop, ends the table there; a line then says why, and `table.attrs["ended"]`
    too ("whole" when nothing was amiss). Frames are not independent of each other.
    """
    source, predict = open_source(source, fps), VideoPredictor(predictor, every, half_life)
    if source.endless and seconds is None and frames is None:
        seconds = CAMERA_SECONDS
    begun, rows, seen, line = clock.monotonic(), [], 0, Line(progress)
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(video_writer(video, source.fps)) if video is not None else None
        try:
            for time, frame in source:
                if (seconds is not None and time >= seconds) or (frames is not None and seen >= frames):
                    source.ended = AS_ASKED
                    break
                frame = picture(frame)
                faces = predict(frame, time)
                known = truth_at(source.truth, seen)
                rows += [{"frame": seen, "time": round(time, 4)} | face_row(face) | known for face in faces or [None]]
                seen += 1
                if writer is not None:
                    writer.write(annotate(frame, faces), time)
                if seen % 10 == 0:
                    line.show(state(source, seen, begun, faces))
        except KeyboardInterrupt:
            source.ended = f"stopped by hand after {seen:,} frames"
        if not seen:
            why = "" if source.ended == WHOLE else source.ended.rstrip(".") + "."
            raise CourseError(f"{source.name} gave no frame.", why)
    table = table_of(rows)
    if table["truth"].isna().all():
        table = table.drop(columns=["truth", "intensity"])
    table.attrs = {"source": source.name, "fps": source.fps, "frames": seen, "ended": source.ended}
    if csv is not None:
        with write_atomically(pathlib.Path(csv)) as draft:
            table.to_csv(draft, index=False)
    if progress or source.ended not in (WHOLE, AS_ASKED):
        reason = "" if source.ended == WHOLE else f"; {source.ended}"
        line.keep(f"{source.name}: {seen:,} frames in {clock.monotonic() - begun:.0f} s{reason}")
    return table


def face_row(face: Face | None) -> dict:
    """A face as the columns of a row; without one they stay empty."""
    if face is None:
        return dict.fromkeys(COLUMNS[2:-2])
    x, y, w, h = face.box
    row = {"person": face.person, "x": x, "y": y, "w": w, "h": h, "score": round(face.box.score, 4)}
    row |= {name: round(float(p), 6) for name, p in zip(CLASSES, face.probabilities, strict=True)}
    return row | {"label": face.emotion}


def truth_at(truth, frame: int) -> dict:
    """What the source knows of a frame."""
    if truth is None or frame >= len(truth):
        return {"truth": None, "intensity": None}
    row = truth.iloc[frame]
    return {"truth": row["emotion"], "intensity": round(float(row["intensity"]), 4)}


def table_of(rows: list[dict]) -> pd.DataFrame:
    """Rows as a table: whole numbers stay whole also where a frame has no face."""
    types = dict.fromkeys(WHOLE_NUMBERS, "Int64") | dict.fromkeys(("score", *CLASSES, "intensity", "time"), "float64")
    types |= {"frame": "int64", "label": "object", "truth": "object"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(types)


def state(source: Source, seen: int, begun: float, faces: list[Face]) -> str:
    """How far a timeline is: frames, speed, seconds left, what is seen now."""
    speed = seen / max(clock.monotonic() - begun, 1e-6)
    of = f" of {source.count:,}" if source.count else ""
    left = f", {max(source.count - seen, 0) / speed:.0f} s left" if source.count else ""
    now = ", ".join(f"{face.emotion} {face.confidence:.0%}" for face in faces[:3]) or "no face"
    return f"{source.name}: frame {seen:,}{of}, {speed:.0f} a second{left} · {now}"
