"""A clip: one person acting a script of emotions, frame by frame, with everything that is true of each frame."""

import numpy as np

from .checks import check_changes, check_whole
from .conditions import all_conditions, derive
from .expressions import AUS, CLASSES, variant
from .render import face_box
from .streams import stream
from .workers import draw_all

SCRIPT = ("neutral", "happy", "sad", "disgust", "angry", "surprise", "fear")
RAMP = 0.6  # seconds in which an expression grows and fades
#: A person who sits before a webcam in good light, and looks into it.
WEBCAM = {
    "scale": 0.72, "shift_x": 0.0, "shift_y": 0.05, "roll": 0.0, "yaw": 0.0, "pitch": 0.0, "occluder": "none",
    "blur": 0.3, "jpeg": 92, "noise": 2.5, "light_level": 0.9, "contrast": 1.0, "glasses": False,
}  # fmt: skip


class Clip:
    """Frames (n, size, size) uint8 and `truth`, a row a frame: time, emotion, intensity, box of the face, action units."""

    def __init__(self, frames: np.ndarray, truth, fps: float):
        self.frames, self.truth, self.fps = frames, truth, fps

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        size, seconds = self.frames.shape[-1], len(self) / self.fps
        order = " ".join(self.truth["emotion"].loc[self.truth["emotion"].shift() != self.truth["emotion"]])
        return f"A drawn clip of {len(self)} frames, {size}x{size} pixels, {seconds:.1f} s: {order}"


def clip(
    script: tuple | list = SCRIPT, size: int = 192, fps: float = 12, seed: int = 0, seconds: float = 3.0, **fixed
) -> Clip:
    """One person (of `seed`) acting a script: names of emotions, `seconds` each, or (name, seconds) pairs.

    Each expression grows from neutral and fades back smoothly; the truth says how strong it is. The person blinks
    and sways a little. `fixed` are conditions as for `faces`, such as glasses=True or light_level=.2.
    """
    import pandas as pd

    size, seed = check_whole("size", size, 32, 256), check_whole("seed", seed, 0)
    if not 1 <= fps <= 120:
        raise ValueError(f"fps is a number of frames a second from 1 to 120; {fps!r} is not.")
    steps = check_script(script, seconds)
    total = sum(length for _, length in steps)
    conditions = WEBCAM | check_changes(fixed, 1)[0]
    person = all_conditions(seed, 0, CLASSES.index("neutral"), conditions.pop("identity", 0), conditions)
    rng = stream(seed, "clip")
    phases = rng.random(6) * 6.283
    blinks = np.cumsum(2.0 + 2.5 * rng.random(int(total) + 2))
    picks = rng.random(len(steps))
    times = np.arange(round(total * fps)) / fps
    rows = [frame_conditions(person, k, t, steps, picks, blinks, phases) for k, t in enumerate(times.tolist())]
    truth = [
        {"time": t, "emotion": row["intended"], "intensity": row["intensity"]}
        | dict(zip("xywh", face_box(row, size), strict=True))
        | {name: row[name] for name in AUS}
        for row, t in zip(rows, times.tolist(), strict=True)
    ]
    return Clip(draw_all(rows, size, seed), pd.DataFrame(truth), fps)


def check_script(script, seconds: float) -> list[tuple[str, float]]:
    """The script as (emotion, seconds) pairs."""
    steps = [(step, seconds) if isinstance(step, str) else tuple(step) for step in script]
    for step in steps:
        if len(step) != 2 or step[0] not in CLASSES or not 0 < float(step[1]) <= 600:
            allowed = f"name one of {', '.join(CLASSES)}, or give a pair (emotion, seconds)"
            raise ValueError(f"{step!r} cannot stand in a script: {allowed}.")
    if not steps:
        raise ValueError("A script names at least one emotion, such as script=['happy', 'sad'].")
    return steps


def frame_conditions(
    person: dict, k: int, t: float, steps: list, picks: np.ndarray, blinks: np.ndarray, phases: np.ndarray
) -> dict:
    """The conditions of frame k, at time t."""
    step, began = 0, 0.0
    while step < len(steps) - 1 and t >= began + steps[step][1]:
        began += steps[step][1]
        step += 1
    emotion, length = steps[step]
    rise = np.clip(min(t - began, began + length - t) / min(RAMP, length / 3), 0, 1)
    strength = float(rise * rise * (3 - 2 * rise))
    units = strength * variant(CLASSES.index(emotion), picks[step])
    row = person | {"frame": k, "intended": emotion, "intensity": strength, "blend": "none"}
    row.update(zip(AUS, units.tolist(), strict=True))
    blink = float(np.exp(-(((blinks - t) / 0.07) ** 2)).max())
    row["AU43"] = max(row["AU43"], blink)
    row["roll"] += 1.5 * float(np.sin(0.9 * t + phases[0]))
    row["yaw"] += 2.5 * float(np.sin(0.6 * t + phases[1]))
    row["pitch"] += 1.0 * float(np.sin(0.8 * t + phases[2]))
    row["shift_x"] += 0.02 * float(np.sin(0.5 * t + phases[3]))
    return derive(row)
