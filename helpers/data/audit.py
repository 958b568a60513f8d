"""`audit`: which pictures a data set holds twice, within and across its parts, under which labels, and which are blank."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import cv2
import numpy as np
import pandas as pd

from .dataset import PARTS, Dataset, Part

BLANK = 2.0  # a picture whose pixels have at most this standard deviation shows nothing
BLOCK = 512  # images that are compared with as many others at once; bounds the memory
LISTED = (
    100_000  # pairs; where there are more, as among the frames of a film, each picture is listed with its closest ones
)
THUMB = 8  # side of the thumbnails that are compared, all with all
NEAR_THUMBS = 0.95  # pairs whose thumbnails correlate at least this much are looked at in full
# They count as nearly identical when their pixels correlate at least this much. Of 48 such pairs of FER-2013's Training
# images between 0.92 and 0.925, all 48 showed one photograph twice (another crop, light, watermark); at 0.90 it was 42.
NEAR = 0.92


@dataclass
class Audit:
    """What an audit found; it prints as a table, and names the pictures: each has a part and an index in it."""

    source: str
    counts: dict[str, int]  # the findings, by name
    per_class: pd.DataFrame  # pictures of each class in each part
    blank: pd.DataFrame  # part, index, name, class of every blank picture
    twins: pd.DataFrame  # the same of every picture that has an identical one; group, and whether its labels differ
    near: (
        pd.DataFrame
    )  # nearly identical pairs, with their correlation; of very many, each picture's closest in each part

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
    pictures = pd.concat([pictures_of(part, name) for name, part in dataset.parts.items()], ignore_index=True)
    images = [image for part in dataset.parts.values() for image in part.images]
    blank = deviations(images) <= BLANK
    twins = pictures[pictures.duplicated("mark", keep=False)]
    groups = twins.groupby("mark", sort=False)
    twins = twins.assign(group=groups.ngroup(), contradicting=groups["class"].transform("nunique") > 1)
    chosen = np.flatnonzero(~pictures.duplicated("mark") & ~blank) if near else []
    pairs, near_count, across = near_pairs(pictures, images, chosen)
    marks = {name: pictures["mark"][pictures["part"] == name] for name in PARTS}
    counts = {
        "images": len(pictures),
        "unique": pictures["mark"].nunique(),
        "blank": int(blank.sum()),
        "identical_groups": twins["group"].nunique(),
        "train_twins_in_validation": int(marks["validation"].isin(marks["train"]).sum()),
        "train_twins_in_test": int(marks["test"].isin(marks["train"]).sum()),
        "validation_twins_in_test": int(marks["validation"].isin(marks["test"]).sum()),
        "contradictions": twins["group"][twins["contradicting"]].nunique(),
        "near_identical": near_count,
        "near_identical_across": across,
    }
    pictures, twins = pictures.drop(columns="mark"), twins.drop(columns="mark")
    return Audit(dataset.source, counts, dataset.counts(), pictures[blank], twins, pairs)


def pictures_of(part: Part, name: str) -> pd.DataFrame:
    """The pictures of a part, a row each, with their fingerprints."""
    classes = np.array(part.classes, object)[part.labels]
    marks = fingerprints(part.images)
    return pd.DataFrame({"part": name, "index": range(len(part)), "name": part.names, "class": classes, "mark": marks})


def without_twins(part: Part, of: Part) -> Part:
    """The pictures of `part` that have no identical one in `of`: test.take(...) without what is also in train."""
    seen = set(fingerprints(of.images))
    return part.take(np.array([mark not in seen for mark in fingerprints(part.images)], bool))


def deviations(images) -> np.ndarray:
    """The standard deviation of each image's pixels."""
    blocks = (np.asarray(images[i : i + BLOCK], np.float32) for i in range(0, len(images), BLOCK))
    return np.concatenate([np.empty(0), *(block.std(axis=(1, 2)) for block in blocks)])


def near_pairs(pictures: pd.DataFrame, images: list[np.ndarray], chosen) -> tuple[pd.DataFrame, int, int]:
    """Pairs of different images that show one photograph, how many there are, and how many of them lie in two parts.

    Other light, contrast, compression, a slightly other crop: light and contrast are taken out (each image minus its
    mean, divided by its length). First 8x8 thumbnails are compared, all with all; pairs that correlate there are compared
    pixel by pixel. `chosen` are the images that take part: of identical ones the first, and no blank ones.
    """
    places, part = pictures[["part", "index"]].to_numpy(object), pictures["part"].map(PARTS.index).to_numpy(np.int64)
    pairs, count, across, n = [], 0, 0, len(pictures)
    partner, closest = np.zeros(3 * n, np.int64), np.zeros(3 * n, np.float32)  # of each picture, in each part before it
    for a, b, correlation in near_blocks(images, chosen):
        count, across = count + len(a), across + int((part[a] != part[b]).sum())
        if count <= LISTED:
            pairs.append((a, b, correlation))
        which = part[a] * n + b
        np.maximum.at(closest, which, correlation)
        best = correlation == closest[which]
        partner[which[best]] = a[best]
    if count > LISTED:
        which = np.flatnonzero(closest)
        pairs = [(partner[which], which % n, closest[which])]
    rows = [(*places[a], *places[b], float(value)) for block in pairs for a, b, value in zip(*block, strict=True)]
    table = pd.DataFrame(rows, columns=["part_a", "index_a", "part_b", "index_b", "correlation"])
    return table.sort_values("correlation", ascending=False, ignore_index=True), count, across


def near_blocks(images: list[np.ndarray], chosen) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The nearly identical pairs, some thousands at a time: the first images, the second ones, their correlations."""
    thumbs = normalised([cv2.resize(images[k], (THUMB, THUMB), interpolation=cv2.INTER_AREA) for k in chosen])
    for top in range(0, len(chosen), BLOCK):
        alike = thumbs[top : top + BLOCK] @ thumbs[top:].T >= NEAR_THUMBS
        width = alike.shape[1]
        if alike.sum() <= 8 * width:  # few: one by one
            likely = np.stack(np.divmod(np.flatnonzero(alike), width)) + top
            likely = chosen[likely[:, likely[0] < likely[1]]]  # each pair once
            for i in range(0, likely.shape[1], BLOCK):
                a, b = likely[:, i : i + BLOCK]
                first, second = (normalised([images[k] for k in side]) for side in (a, b))
                correlation = (first * second).sum(axis=1)
                near = correlation >= NEAR
                yield a[near], b[near], correlation[near]
            continue
        first = normalised([images[k] for k in chosen[top : top + BLOCK]])
        for left in range(0, width, BLOCK):  # many: all at once
            second = normalised([images[k] for k in chosen[top + left : top + left + BLOCK]])
            correlation = first @ second.T
            near = (correlation >= NEAR) & alike[:, left : left + BLOCK]
            a, b = np.nonzero(np.triu(near, 1) if left == 0 else near)
            yield chosen[top + a], chosen[top + left + b], correlation[a, b]


def normalised(images: list[np.ndarray]) -> np.ndarray:
    """Each image as a vector of mean 0 and length 1, so that a dot product is a correlation."""
    if not images:
        return np.empty((0, 1), np.float32)
    flat = np.stack(images).reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
