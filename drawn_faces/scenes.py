"""Scenes: drawn faces somewhere on a larger picture, and films: a clip whose face moves through a scene."""

from collections.abc import Iterator

import cv2
import numpy as np

from .checks import check_whole
from .clips import Clip
from .dataset import faces
from .render import face_box
from .streams import stream

SIZES = (96, 200)  # pixels of the smallest and largest drawn photograph in a scene
WHOLE_HEAD = {"scale": 0.8, "shift_x": 0.0, "shift_y": 0.0, "occluder": "none"}
FEATHER = 0.12  # the share of a photograph's side over which it fades into the scene
TRIES = 200  # places tried for a face, and arrangements for a scene, before it counts as full


class Scene:
    """One picture, `image`, and its `truth`, a row a face: the box x, y, w, h, then what is true of the face."""

    def __init__(self, image: np.ndarray, truth):
        self.image, self.truth = image, truth

    @property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """The boxes of the faces, (x, y, w, h) from the hairline to the chin."""
        return list(self.truth[["x", "y", "w", "h"]].itertuples(index=False, name=None))

    def __len__(self) -> int:
        return len(self.truth)

    def __repr__(self) -> str:
        height, width = self.image.shape
        return f"A drawn scene of {width}x{height} pixels with {len(self)} faces: {' '.join(self.truth['emotion'])}"


def scene(
    n: int = 2,
    width: int = 640,
    height: int = 480,
    sizes: tuple[int, int] = SIZES,
    seed: int = 0,
    clutter: float = 1.0,
    **fixed,
) -> Scene:
    """n faces that do not overlap, on a background with things in it (`clutter`, 0 for a plain wall).

    `sizes` are the least and the greatest side of a face's photograph in pixels. `fixed` are conditions as for `faces`,
    such as light_level=.2 or yaw=30 (a value, or one for each). The whole head is seen, unless they say otherwise.
    """
    import pandas as pd

    n, seed = check_whole("n", n, 0, 100), check_whole("seed", seed, 0)
    width, height = check_whole("width", width, 32, 4096), check_whole("height", height, 32, 4096)
    low, high = sizes
    low, high = check_whole("sizes", low, 32, 256), check_whole("sizes", high, low, 256)
    rng = stream(seed, "scene")
    image = background(width, height, rng, clutter)
    sides = rng.integers(low, high + 1, n).tolist()
    places = arrange(sides, width, height, rng)
    rows = []
    for i, (side, (x, y)) in enumerate(zip(sides, places, strict=True)):
        own = {name: value[i] if np.ndim(value) else value for name, value in fixed.items()}
        drawn = faces(1, side, seed, balanced=True, start=i, **WHOLE_HEAD | own)
        paste(image, drawn.images[0], x, y)
        left, top, w, h = face_box(drawn.rows[0], side)
        rows.append({"x": x + left, "y": y + top, "w": w, "h": h} | drawn.truth.iloc[0].to_dict())
    image = image + stream(seed, "grain of a scene").normal(0, 1.5, image.shape)
    columns = None if rows else ["x", "y", "w", "h", "emotion"]
    return Scene(np.clip(image, 0, 255).astype(np.uint8), pd.DataFrame(rows, columns=columns))


def background(width: int, height: int, rng: np.random.Generator, clutter: float) -> np.ndarray:
    """A wall that is lit unevenly, and, with clutter, frames, shelves, lamps and stripes on it."""
    coarse = rng.normal(0, 1, (4, 5)).astype(np.float32)
    image = 120 + 60 * rng.random() - 40 + 14 * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(8, 16) * clutter)):
        kind, grey = rng.integers(4), float(rng.integers(10, 245))
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = (int(v) for v in rng.integers(12, max(13, min(width, height) // 3), 2))
        if kind == 0:
            cv2.rectangle(image, (x, y), (x + w, y + h), grey, -1)
            cv2.rectangle(image, (x, y), (x + w, y + h), 255 - grey, max(1, w // 20))
        elif kind == 1:
            cv2.ellipse(image, (x, y), (w // 2, h // 2), float(rng.integers(180)), 0, 360, grey, -1, cv2.LINE_AA)
        elif kind == 2:
            for k in range(0, w, 8):
                cv2.line(image, (x + k, y), (x + k, y + h), grey, 3)
        else:
            cv2.line(image, (x, y), (x + 3 * w - w, y + h), grey, int(rng.integers(1, 12)), cv2.LINE_AA)
    return cv2.GaussianBlur(image, (0, 0), 1.0)


def arrange(sides: list[int], width: int, height: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """A place for each photograph where it covers no other, or an error when there is no room."""
    if max(sides, default=0) <= min(width, height):
        for _ in range(TRIES):
            places = []
            for side in sides:
                place = free_place(side, list(zip(places, sides, strict=False)), width, height, rng)
                if place is None:
                    break
                places.append(place)
            if len(places) == len(sides):
                return places
    raise ValueError(
        f"{len(sides)} faces of {min(sides)} to {max(sides)} pixels find no room on {width}x{height}: "
        "ask for fewer or smaller ones, or a larger scene."
    )


def free_place(side: int, taken: list, width: int, height: int, rng: np.random.Generator) -> tuple[int, int] | None:
    """A random place for a square that touches none of those `taken`, ((x, y), side) each; None where none is found."""
    for _ in range(TRIES):
        x, y = int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1))
        if all(
            x + side <= left or left + other <= x or y + side <= top or top + other <= y for (left, top), other in taken
        ):
            return x, y
    return None


def paste(image: np.ndarray, photo: np.ndarray, x: int, y: int) -> None:
    """Lay a square photograph on the picture at (x, y), in place; its edges fade, so that no frame is seen."""
    side = len(photo)
    line = np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5
    ramp = np.clip(line / (FEATHER * side), 0, 1)
    ramp = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    share = ramp[:, None] * ramp[None, :]
    part = image[y : y + side, x : x + side]
    part += share * (photo - part)


class Film:
    """A clip's person moving through a scene: each frame made when it is asked for, and `truth` with the moving boxes.

    Index it or loop over it for frames (height, width) uint8; only the small clip is held in memory.
    """

    def __init__(self, clip: Clip, truth, wall: np.ndarray, places: np.ndarray):
        self.clip, self.truth, self.fps = clip, truth, clip.fps
        self.wall, self.places = wall, places

    def __len__(self) -> int:
        return len(self.clip)

    def __getitem__(self, k: int) -> np.ndarray:
        image = self.wall.copy()
        paste(image, self.clip.frames[k], *self.places[k].tolist())
        return image.round().astype(np.uint8)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        height, width = self.wall.shape
        return f"{self.clip!r}, moving through a scene of {width}x{height} pixels"


def film(
    clip: Clip, width: int = 640, height: int = 480, seed: int = 0, clutter: float = 0.6, speed: float = 0.4
) -> Film:
    """The clip's face drifting over a background, as somebody does before a webcam; `speed` 0 keeps it in the middle."""
    side, rng = clip.frames.shape[-1], stream(check_whole("seed", seed, 0), "film")
    if side > min(width, height):
        raise ValueError(f"The clip's frames have {side} pixels: a scene of {width}x{height} has no room for them.")
    wall = np.clip(background(width, height, rng, clutter), 0, 255)
    phase, t = rng.random(4) * 6.283, clip.truth["time"].to_numpy() * speed
    x = 0.5 + 0.5 * (0.6 * np.sin(0.9 * t + phase[0]) + 0.4 * np.sin(2.1 * t + phase[1])) * (speed > 0)
    y = 0.5 + 0.5 * (0.6 * np.sin(0.7 * t + phase[2]) + 0.4 * np.sin(1.7 * t + phase[3])) * (speed > 0)
    places = np.stack([x * (width - side), y * (height - side)], 1).round().astype(int)
    truth = clip.truth.copy()
    truth["x"], truth["y"] = truth["x"] + places[:, 0], truth["y"] + places[:, 1]
    return Film(clip, truth, wall, places)
