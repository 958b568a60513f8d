"""`audit`: which pictures a data set holds twice, within and across its parts, under which labels, and which are blank."""

from __future__ import annotations

import html
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b

import cv2
import numpy as np
import pandas as pd

from .dataset import PARTS, Dataset, Part

BLANK = 2.0  # a picture whose pixels have at most this standard deviation shows nothing
BLOCK = 512  # images that are compared with all others at once; bounds the memory
THUMB = 8  # side of the thumbnails that are compared, all with all
NEAR_THUMBS = 0.95  # pairs whose thumbnails correlate at least this much are looked at in full
# They count as nearly identical when their pixels correlate at least this much. Of 48 such pairs of FER-2013's Training
# images between 0.92 and 0.925, all 48 showed one photograph twice (another crop, light, watermark); at 0.90 it was 42.
NEAR = 0.92


@dataclass
class Audit:
    """What an audit found; it prints as a table, and gives the pictures themselves by part and index."""

    source: str
    counts: dict[str, int]  # the findings, by name
    per_class: pd.DataFrame  # pictures of each class in each part
    blank: dict[str, np.ndarray]  # indices of the blank pictures of each part
    groups: list[list[tuple[str, int]]]  # identical pictures: (part, index) of each
    contradictions: list[list[tuple[str, int]]]  # those groups whose labels differ
    twins: pd.DataFrame  # every picture that has an identical one, a row each: group, part, index, name, class
    near: pd.DataFrame = field(default_factory=pd.DataFrame)  # nearly identical pairs, with their correlation

    def table(self) -> pd.DataFrame:
        """The findings in words."""
        rows = [(MEANINGS[key], value) for key, value in self.counts.items()]
        return pd.DataFrame(rows, columns=["finding", "count"])

    def __repr__(self) -> str:
        width = max(len(text) for text in MEANINGS.values())
        lines = [f"{MEANINGS[key]:<{width}} {value:>8,}" for key, value in self.counts.items()]
        return "\n".join([f"Audit of {self.source}", *lines, "", self.per_class.to_string()])

    def _repr_html_(self) -> str:
        findings = self.table().to_html(index=False)
        return f"<p>Audit of {html.escape(self.source)}</p>{findings}{self.per_class.to_html()}"


MEANINGS = {
    "images": "images",
    "unique": "different images",
    "blank": f"blank images (standard deviation at most {BLANK:g})",
    "identical_groups": "groups of identical images",
    "train_twins_in_validation": "validation images that are also in train",
    "train_twins_in_test": "test images that are also in train",
    "validation_twins_in_test": "validation images that are also in test",
    "contradictions": "groups of identical images with different labels",
    "near_identical": "pairs of nearly identical images",
    "near_identical_across": "of these, pairs in two different parts",
}


def fingerprints(images: np.ndarray) -> list[bytes]:
    """A hash of the pixels of each image: equal hashes, identical images, whatever the files are called."""
    return [blake2b(np.ascontiguousarray(image).data, digest_size=16).digest() for image in images]


def audit(dataset: Dataset, near: bool = True) -> Audit:
    """Look for blank, identical, nearly identical and contradicting pictures, within and across the parts."""
    parts = dataset.parts
    prints = {name: fingerprints(part.images) for name, part in parts.items()}
    where = defaultdict(list)
    for name in PARTS:
        for i, mark in enumerate(prints[name]):
            where[mark].append((name, i))
    groups = [places for places in where.values() if len(places) > 1]
    contradictions = [places for places in groups if len({parts[name].labels[i] for name, i in places}) > 1]
    sets = {name: set(marks) for name, marks in prints.items()}
    blank = {name: np.flatnonzero(deviations(part.images) <= BLANK) for name, part in parts.items()}
    pairs = near_pairs(parts, where) if near else pd.DataFrame(columns=NEAR_COLUMNS)
    counts = {
        "images": len(dataset),
        "unique": len(where),
        "blank": sum(map(len, blank.values())),
        "identical_groups": len(groups),
        "train_twins_in_validation": sum(mark in sets["train"] for mark in prints["validation"]),
        "train_twins_in_test": sum(mark in sets["train"] for mark in prints["test"]),
        "validation_twins_in_test": sum(mark in sets["test"] for mark in prints["validation"]),
        "contradictions": len(contradictions),
        "near_identical": len(pairs),
        "near_identical_across": int((pairs["part_a"] != pairs["part_b"]).sum()),
    }
    return Audit(
        dataset.source, counts, dataset.counts(), blank, groups, contradictions, twins_table(parts, groups), pairs
    )


def without_twins(part: Part, of: Part) -> Part:
    """The pictures of `part` that have no identical one in `of`: test.take(...) without what is also in train."""
    seen = set(fingerprints(of.images))
    return part.take(np.array([mark not in seen for mark in fingerprints(part.images)], bool))


def deviations(images) -> np.ndarray:
    """The standard deviation of each image's pixels."""
    blocks = (np.asarray(images[i : i + BLOCK], np.float32) for i in range(0, len(images), BLOCK))
    return np.concatenate([np.empty(0), *(block.std(axis=(1, 2)) for block in blocks)])


def twins_table(parts: dict[str, Part], groups: list) -> pd.DataFrame:
    """Every picture that has an identical one, a row each."""
    rows = [
        (number, name, i, parts[name].names[i], parts[name].classes[parts[name].labels[i]])
        for number, places in enumerate(groups)
        for name, i in places
    ]
    return pd.DataFrame(rows, columns=["group", "part", "index", "name", "class"])


NEAR_COLUMNS = ["part_a", "index_a", "part_b", "index_b", "correlation"]


def near_pairs(parts: dict[str, Part], where: dict) -> pd.DataFrame:
    """Pairs of different images that show one photograph: other light, contrast, compression, a slightly other crop.

    Light and contrast are taken out (each image minus its mean, divided by its length). First 8x8 thumbnails are
    compared, all with all; pairs that correlate there are compared pixel by pixel. Of each group of identical images
    only the first takes part; blank ones do not.
    """
    places = [found[0] for found in where.values()]
    images = [parts[name].images[i] for name, i in places]
    keep = np.flatnonzero(deviations(images) > BLANK)
    thumbs = normalised([cv2.resize(images[k], (THUMB, THUMB), interpolation=cv2.INTER_AREA) for k in keep])
    rows = []
    for start in range(0, len(keep), BLOCK):
        alike = thumbs[start : start + BLOCK] @ thumbs[start:].T >= NEAR_THUMBS
        likely = np.stack(np.divmod(np.flatnonzero(alike), alike.shape[1]), axis=1) + start
        likely = likely[likely[:, 0] < likely[:, 1]]  # each pair once
        for i in range(0, len(likely), BLOCK):
            pairs = likely[i : i + BLOCK]
            first, second = (normalised([images[keep[k]] for k in side]) for side in pairs.T)
            for (a, b), correlation in zip(pairs, (first * second).sum(axis=1), strict=True):
                if correlation >= NEAR:
                    rows.append((*places[keep[a]], *places[keep[b]], float(correlation)))
    return pd.DataFrame(rows, columns=NEAR_COLUMNS).sort_values("correlation", ascending=False, ignore_index=True)


def normalised(images: list[np.ndarray]) -> np.ndarray:
    """Each image as a vector of mean 0 and length 1, so that a dot product is a correlation."""
    if not images:
        return np.empty((0, 1), np.float32)
    flat = np.stack(images).reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
