"""A clip: one person morphing through a script of emotions, frame by frame, with its truth."""

import numpy as np
import pandas as pd

from .anatomy import AUS, CLASSES, variant
from .conditions import check_changes, order_row, settle
from .dataset import check_whole
from .render import points, stream
from .workers import draw_all

#: The sequence of report 5's clip.
SCRIPT = ("neutral", "happy", "sad", "disgust", "angry", "surprise", "fear")


class Clip:
    """Frames (n, size, size) uint8 and `truth`, a row a frame: time, emotion, intensity, action units, face box."""

    def __init__(self, frames: np.ndarray, truth: pd.DataFrame, fps: float):
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
    """One person (of `seed`) acting a script: names of emotions, or (name, seconds) pairs.

    Each expression grows from and fades back to neutral smoothly (0.6 s); the truth says how strong it is.
    The person blinks and sways a little. `fixed` are conditions as for `faces`, such as glasses=True or light_level=.2.
    """
    size, seed = check_whole("size", size, 32, 256), check_whole("seed", seed, 0)
    if not 1 <= fps <= 120:
        raise ValueError(f"fps is a number of frames a second from 1 to 120; {fps!r} is not.")
    scenes = check_script(script, seconds)
    calm = {"scale": 0.72, "shift_x": 0.0, "shift_y": 0.05, "roll": 0.0, "yaw": 0.0, "pitch": 0.0, "occluder": "none"}
    calm.update(blur=0.3, jpeg=92, noise=2.5, light_level=0.9, contrast=1.0, glasses=False)
    calm.update(check_changes(fixed, 1)[0])
    base = order_row({"seed": seed, "index": 0, "label": CLASSES.index("neutral"), "identity": 0, "fixed": calm})
    total = sum(length for _, length in scenes)
    times = np.arange(round(total * fps)) / fps
    rng = stream(seed, 7, 0)
    sway = rng.random(6) * 6.283
    blinks = np.cumsum(2.0 + 2.5 * rng.random(int(total) + 2))
    picks = rng.random(len(scenes))
    rows = [frame_row(base, scenes, picks, float(t), sway, blinks, k) for k, t in enumerate(times)]
    frames = draw_all([{"seed": seed, "row": row} for row in rows], size)[1]
    return Clip(frames, frame_table(rows, times, size), fps)


def check_script(script, seconds: float) -> list[tuple[str, float]]:
    """The script as (emotion, seconds) pairs."""
    scenes = [(scene, seconds) if isinstance(scene, str) else tuple(scene) for scene in script]
    for scene in scenes:
        if len(scene) != 2 or scene[0] not in CLASSES or not 0 < float(scene[1]) <= 600:
            raise ValueError(f"{scene!r} is no scene: give one of {', '.join(CLASSES)}, or a pair (emotion, seconds).")
    if not scenes:
        raise ValueError("A clip needs at least one scene, such as script=['happy', 'sad'].")
    return scenes


def frame_row(
    base: dict, scenes: list, picks: np.ndarray, t: float, sway: np.ndarray, blinks: np.ndarray, k: int
) -> dict:
    """The description of the frame at time t."""
    began, scene = 0.0, 0
    while scene < len(scenes) - 1 and t >= began + scenes[scene][1]:
        began += scenes[scene][1]
        scene += 1
    emotion, length = scenes[scene]
    ramp = min(0.6, length / 3)
    rise = np.clip(min(t - began, began + length - t) / ramp, 0, 1)
    strength = float(rise * rise * (3 - 2 * rise))
    units = strength * variant(CLASSES.index(emotion), picks[scene])
    row = dict(base, index=0, frame=k, intended=emotion, intensity=strength, blend="none")
    row.update(zip(AUS, units.tolist(), strict=True))
    blink = float(np.exp(-(((blinks - t) / 0.07) ** 2)).max())
    row["AU43"] = max(row["AU43"], blink)
    row["roll"] += 1.5 * float(np.sin(0.9 * t + sway[0]))
    row["yaw"] += 2.5 * float(np.sin(0.6 * t + sway[1]))
    row["pitch"] += 1.0 * float(np.sin(0.8 * t + sway[2]))
    row["shift_x"] += 0.02 * float(np.sin(0.5 * t + sway[3]))
    return settle(row)


def frame_table(rows: list[dict], times: np.ndarray, size: int) -> pd.DataFrame:
    """The truth of a clip: the script's `emotion`, its `intensity` so far, the box of the face, the action units."""
    table = []
    for row, t in zip(rows, times, strict=True):
        at = points(row, size)
        low, high = at.min(0), at.max(0)
        left, top = low[0], low[1] - 0.35 * (high[1] - low[1])  # the landmarks begin at the brows, the box at the hair
        box = np.clip([left, max(top, 0), high[0], high[1]], 0, size - 1)
        place = {"x": box[0], "y": box[1], "w": box[2] - box[0], "h": box[3] - box[1]}
        record = {"time": float(t), "emotion": row["intended"], "intensity": row["intensity"]}
        record.update({name: round(float(value)) for name, value in place.items()})
        record.update({name: row[name] for name in AUS})
        table.append(record)
    return pd.DataFrame(table)
