"""Sets of drawn faces with their ground truth, and the same faces redrawn with one thing changed."""

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
import pandas as pd

from .anatomy import CLASSES
from .conditions import FER_COUNTS, HIDDEN, change_row, check_changes
from .render import LANDMARKS, REGIONS, mask, points, stream
from .workers import draw_all


class Faces:
    """Drawn faces and all that is true of them. Index it with a number, a slice or an array to get fewer faces.

    images     (n, size, size) uint8, grey
    labels     (n,) int: the plurality of the votes, as an index into CLASSES (ties: the first in that order)
    votes      (n, 7) int: what ten simulated annotators called the expression
    truth      a DataFrame, a row a face: `intended` is the emotion that was drawn, `emotion` what the votes say,
               then action units AU1...AU43, person, pose, light and camera
    landmarks  (n, 30, 2) float32 pixels (x, y), named by LANDMARKS
    masks      region -> (n, size, size) bool, computed when first asked for
    """

    def __init__(self, rows: list[dict], images: np.ndarray, seed: int):
        self.rows, self.images, self.seed = rows, images, seed
        self.size = images.shape[-1]
        self.masks = Masks(self)

    @property
    def votes(self) -> np.ndarray:
        return np.array([row["votes"] for row in self.rows], dtype=np.int64).reshape(-1, len(CLASSES))

    @property
    def labels(self) -> np.ndarray:
        return np.array([CLASSES.index(row["emotion"]) for row in self.rows], dtype=np.int64)

    @property
    def truth(self) -> pd.DataFrame:
        return truth_table(self.rows)

    @property
    def landmarks(self) -> np.ndarray:
        where = [points(row, self.size) for row in self.rows]
        return np.array(where, np.float32).reshape(-1, len(LANDMARKS), 2)

    def with_(self, **changes) -> "Faces":
        """The same faces redrawn with something changed: `with_(AU12=0)`, `with_(tone=8, glasses=True)`.

        A value, or one for each face. Person, pose, light, grain and all else stay as they were. The same ten
        annotators look again: their votes (and so the label) change only when an action unit did. A changed
        `emotion` (or `intended`), `intensity` or `identity` is drawn afresh from the face's own random stream.
        """
        asked = check_changes(changes, len(self))
        rows = [change_row(row, self.seed, change) for row, change in zip(self.rows, asked, strict=True)]
        images = self.images.copy()
        moved = [i for i, row in enumerate(rows) if row is not self.rows[i]]
        if moved:
            orders = [{"seed": self.seed, "row": rows[i]} for i in moved]
            images[moved] = draw_all(orders, self.size)[1]
        return Faces(rows, images, self.seed)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which) -> "Faces":
        chosen = np.atleast_1d(np.arange(len(self))[which])
        return Faces([self.rows[i] for i in chosen], self.images[chosen], self.seed)

    def __iter__(self) -> Iterator["Faces"]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        counts = np.bincount(self.labels, minlength=len(CLASSES))
        words = ", ".join(f"{name} {count}" for name, count in zip(CLASSES, counts, strict=True) if count)
        return f"{len(self):,} drawn faces of {self.size}x{self.size} pixels, seed {self.seed}: {words}"


class Masks(Mapping):
    """Region name -> (n, size, size) bool: where that part of each face is seen. Each is computed once, when asked."""

    def __init__(self, faces: Faces):
        self.faces, self.known = faces, {}

    def __getitem__(self, region: str) -> np.ndarray:
        if region not in REGIONS:
            raise KeyError(f"There is no region {region!r}; the regions are: {', '.join(REGIONS)}.")
        if region not in self.known:
            faces = self.faces
            drawn = [mask(row, region, faces.size, faces.seed, row["index"]) for row in faces.rows]
            self.known[region] = np.array(drawn, bool).reshape(-1, faces.size, faces.size)
        return self.known[region]

    def __iter__(self) -> Iterator[str]:
        return iter(REGIONS)

    def __len__(self) -> int:
        return len(REGIONS)


def faces(
    n: int,
    size: int = 48,
    seed: int = 0,
    balanced: bool = False,
    emotions: list | None = None,
    labels: list | np.ndarray | None = None,
    identity: int | np.ndarray | None = None,
    start: int = 0,
    workers: int | None = None,
    **fixed,
) -> Faces:
    """Draw n faces: `faces(700, balanced=True)`, `faces(50, size=192, frontal=True, glasses=False, tone=3)`.

    Classes come with FER-2013's imbalance, or equally often (`balanced`), from all seven or from `emotions`;
    `labels` (n names or codes) says each face's instead. They are the labels that the annotators' plurality gives.
    Face i of a seed is the same whatever n (and the same bytes, for the same versions of NumPy and OpenCV). Each is
    a new person unless `identity` (one number, or n of them) says who. `start` numbers the first face, so that a set
    can be drawn in parts. `fixed` are conditions that all faces share (a value, or one for each): any column of
    `.truth` that describes how a face is drawn, `emotion` for what is meant, `frontal=True` for no turn of the head.
    """
    n, size, seed = check_whole("n", n, 0, 10**7), check_whole("size", size, 16, 256), check_whole("seed", seed, 0)
    start = check_whole("start", start, 0)
    codes = check_emotions(emotions)
    conditions = check_changes(fixed, n)
    index = np.arange(start, start + n)
    who = index if identity is None else check_identity(identity, n)
    drawn = (draw_label(seed, int(i), codes, balanced) for i in index)
    labels = list(drawn) if labels is None else check_labels(labels, n)
    orders = [
        {"seed": seed, "index": int(i), "label": label, "identity": int(person), "fixed": condition}
        for i, label, person, condition in zip(index, labels, who, conditions, strict=True)
    ]
    rows, images = draw_all(orders, size, workers)
    return Faces(rows, images, seed)


def draw_label(seed: int, index: int, codes: list[int], balanced: bool) -> int:
    """The label that face `index` is to get: each equally often in every block of classes, or by FER-2013's shares."""
    if balanced:
        block, place = divmod(index, len(codes))
        return codes[int(stream(seed, 5, block).permutation(len(codes))[place])]
    shares = np.cumsum([FER_COUNTS[code] for code in codes])
    return codes[int(np.searchsorted(shares, stream(seed, 4, index).random() * shares[-1], side="right"))]


def check_whole(name: str, value, low: int, high: int = 2**62) -> int:
    """A whole number within its limits, or a sentence."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        limits = f"from {low} to {high}" if high < 2**62 else f"of at least {low}"
        raise ValueError(f"{name} is a whole number {limits}; {value!r} is not.")
    return int(value)


def check_emotions(emotions: list | None) -> list[int]:
    """Names or codes of emotions as codes, in order."""
    if emotions is None:
        return list(range(len(CLASSES)))
    names = [emotions] if isinstance(emotions, str) else list(emotions)
    if not names:
        raise ValueError(f"emotions is an empty list; name some of: {', '.join(CLASSES)}.")
    return sorted(set(check_labels(names, len(names))))


def check_labels(labels, n: int) -> list[int]:
    """Names or codes of emotions, n of them, as codes."""
    names = [CLASSES[e] if isinstance(e, (int, np.integer)) and 0 <= e < len(CLASSES) else e for e in labels]
    if len(names) != n:
        raise ValueError(f"labels has {len(names)} entries for {n} faces; give one a face.")
    wrong = [e for e in names if e not in CLASSES]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no emotion that can be drawn; those are: {', '.join(CLASSES)}.")
    return [CLASSES.index(e) for e in names]


def check_identity(identity, n: int) -> np.ndarray:
    """One person's number, or one for each face."""
    who = np.asarray(identity)
    if who.dtype.kind not in "iu" or who.ndim > 1 or (who.ndim == 1 and len(who) != n) or (who.size and who.min() < 0):
        raise ValueError(f"identity is a whole number from 0, or {n} of them, one a face.")
    return np.broadcast_to(who, n)


def truth_table(rows: list[dict]) -> pd.DataFrame:
    """What is true of each face, a row a face; the names of things first."""
    first = ("emotion", "intended", "intensity", "blend", "identity")
    table = pd.DataFrame([{name: value for name, value in row.items() if name not in HIDDEN} for row in rows])
    if not len(table):
        return table
    return table[[*first, *(name for name in table.columns if name not in (*first, "index"))]]


def contact_sheet(people: int = 6, size: int = 96, seed: int = 0, **fixed) -> np.ndarray:
    """A picture of drawn faces: a row an emotion as it was meant, a column a person. An array of grey values."""
    fixed = {"intensity": 1.0, "occluder": "none"} | fixed
    who = np.arange(people)
    rows = [
        np.hstack(list(faces(people, size, seed, labels=[name] * people, identity=who, emotion=name, **fixed).images))
        for name in CLASSES
    ]
    return cv2.copyMakeBorder(np.vstack(rows), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
