"""Sets of drawn faces with everything that is true of them, and the same faces redrawn with one thing changed."""

from collections.abc import Iterator, Mapping

import numpy as np

from .checks import check_changes, check_emotions, check_values, check_whole
from .conditions import HIDDEN, all_conditions, change
from .expressions import CLASSES
from .render import REGIONS, landmark_pixels, region_mask
from .shape import LANDMARKS
from .streams import stream
from .workers import draw_all

#: How many Training images of each class FER-2013 has, in the order of CLASSES.
FER_COUNTS = (3995, 436, 4097, 7215, 4965, 4830, 3171)


class Faces:
    """Drawn faces and all that is true of them. Index it with a number, a slice or an array to get some of them.

    images     (n, size, size) uint8, grey
    labels     (n,) int: the plurality of the votes, as an index into CLASSES (ties: the first in that order)
    votes      (n, 7) int: how many of ten simulated annotators named each emotion
    truth      a pandas DataFrame, a row a face: `intended` is the emotion that was drawn, `emotion` what the votes say,
               then the action units AU1...AU43, person, pose, light and camera
    landmarks  (n, 30, 2) float32 pixels (x, y), in the order of LANDMARKS
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
    def truth(self):
        import pandas as pd  # takes as long to import as all the rest

        table = pd.DataFrame([{name: value for name, value in row.items() if name not in HIDDEN} for row in self.rows])
        if not len(table):
            return table
        first = ["emotion", "intended", "intensity", "blend", "identity"]
        return table[first + [name for name in table.columns if name not in (*first, "index")]]

    @property
    def landmarks(self) -> np.ndarray:
        where = [landmark_pixels(row, self.size) for row in self.rows]
        return np.array(where, np.float32).reshape(-1, len(LANDMARKS), 2)

    def with_(self, **changes) -> "Faces":
        """The same faces redrawn with something changed: `with_(AU12=0)`, `with_(tone=8, glasses=True)`.

        A value, or one for each face. Person, pose, light, grain and all else stay as they were. The same ten
        annotators look again: their votes (and so the label) change only when an action unit did. A new `emotion`
        (or `intended`), `intensity` or `identity` comes with action units, or a person, sampled for this face.
        """
        pairs = zip(self.rows, check_changes(changes, len(self)), strict=True)
        rows = [change(row, self.seed, changes) for row, changes in pairs]
        changed = [i for i, row in enumerate(rows) if row is not self.rows[i]]
        images = self.images.copy()
        images[changed] = draw_all([rows[i] for i in changed], self.size, self.seed)
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
    """Region name -> (n, size, size) bool: where that part of each face is seen. Each is computed once, when asked for."""

    def __init__(self, faces: Faces):
        self.faces, self.known = faces, {}

    def __getitem__(self, region: str) -> np.ndarray:
        if region not in REGIONS:
            raise KeyError(f"There is no region {region!r}; the regions are: {', '.join(REGIONS)}.")
        if region not in self.known:
            faces = self.faces
            masks = [region_mask(row, region, faces.size, faces.seed) for row in faces.rows]
            self.known[region] = np.array(masks, bool).reshape(-1, faces.size, faces.size)
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
    `labels` (n names or codes) gives each face's instead. A label is what the plurality of the annotators says.
    Face i of a seed is the same whatever n (and the same bytes, for the same versions of NumPy and OpenCV). Each is
    a new person unless `identity` (one number, or n of them) says who. `start` numbers the first face, so that a set
    can be drawn in parts. `workers` is the number of processes; the default starts some when there is much to draw.
    `fixed` are conditions of all faces (a value, or one for each): any column of `.truth` that describes how a face
    is drawn, `emotion` for the emotion that is meant, `frontal=True` for a head that is not turned.
    """
    n, size, seed = check_whole("n", n, 0, 10**7), check_whole("size", size, 16, 256), check_whole("seed", seed, 0)
    index = range(check_whole("start", start, 0), start + n)
    people = index if identity is None else check_values("identity", identity, n)
    if labels is None:
        codes = check_emotions(emotions)
        labels = [sample_label(seed, i, codes, balanced) for i in index]
    else:
        labels = [CLASSES.index(name) for name in check_values("labels", labels, n)]
    rows = [
        all_conditions(seed, i, label, person, conditions)
        for i, label, person, conditions in zip(index, labels, people, check_changes(fixed, n), strict=True)
    ]
    return Faces(rows, draw_all(rows, size, seed, workers), seed)


def sample_label(seed: int, index: int, codes: list[int], balanced: bool) -> int:
    """The label of face `index`: each of `codes` once in every block of as many faces, or by FER-2013's shares."""
    if balanced:
        block, place = divmod(index, len(codes))
        return codes[int(stream(seed, "balanced labels", block).permutation(len(codes))[place])]
    shares = np.cumsum([FER_COUNTS[code] for code in codes])
    return codes[int(np.searchsorted(shares, stream(seed, "label", index).random() * shares[-1], side="right"))]
