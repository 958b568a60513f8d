"""Splits, undersampling, oversampling and class weights, all by index: no picture is moved, copied or changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .archives import DataError
from .dataset import PARTS

SPLITS = ("usual", "report1", "report2", "report3", "shipped")
CUT = 0.1  # what is cut out of train for a part that the source does not have


@dataclass
class Plan:
    """Indices of the three parts; a remark on how they came about; which pictures of a part are repeats to augment."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    remark: str = ""
    copies: dict[str, np.ndarray] = field(default_factory=dict)


def undersample(labels: np.ndarray, seed: int = 0, most: int | None = None) -> np.ndarray:
    """Indices that keep as many pictures of each class as the smallest has (`most`, if fewer), at random, in their old order."""
    labels, random = np.asarray(labels), np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    each = min([*counts, *([most] if most else [])], default=0)
    kept = [random.choice(np.flatnonzero(labels == c), each, replace=False) for c in classes]
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, np.int64)


def oversample(labels: np.ndarray, to: int | None = None, seed: int = 0) -> np.ndarray:
    """Indices that give every class `to` pictures (as many as the largest has, unless said).

    A class with too few is repeated, each picture about equally often; one with too many is cut. The repeats come
    last, and `repeats` marks them, so that they can be augmented. Oversample after the split, only the training part.
    """
    labels, random = np.asarray(labels), np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    to = int(counts.max(initial=0)) if to is None else to
    first, again = [], []
    for c in classes:
        members = random.permutation(np.flatnonzero(labels == c))
        rounds = [random.permutation(members) for _ in range(math.ceil(to / len(members)) - 1)]
        order = np.concatenate([members, *rounds])[:to]
        first.append(order[: len(members)])
        again.append(order[len(members) :])
    return np.concatenate([np.sort(np.concatenate(first)), *again]) if first else np.empty(0, np.int64)


def repeats(index: np.ndarray) -> np.ndarray:
    """True where an index has occurred before: the pictures that oversampling repeated."""
    again = np.ones(len(index), bool)
    again[np.unique(index, return_index=True)[1]] = False
    return again


def class_weights(labels: np.ndarray) -> dict[int, float]:
    """Weight of each class in the loss, so that all classes count alike: n / (classes * its count). For `model.fit`."""
    classes, counts = np.unique(labels, return_counts=True)
    return {int(c): float(len(labels) / (len(classes) * n)) for c, n in zip(classes, counts, strict=True)}


def stratified(labels: np.ndarray, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(rest, cut): a share of each class cut at random, at least one of a class that has two or more."""
    labels, random, cut = np.asarray(labels), np.random.default_rng(seed), []
    for c in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == c))
        size = min(max(1, round(share * len(members))), len(members) - 1)
        cut.append(members[:size])
    taken = np.sort(np.concatenate(cut)) if cut else np.empty(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), taken), taken


def plan(labels, given, split: str = "usual", seed: int = 0, leak: bool = True, per_class: int | None = None) -> Plan:
    """Which pictures belong to train, validation and test.

    `given` is what the source says of each picture: train, validation, test or ''. Parts that a source ships are never
    altered by "usual"; a part that it lacks is cut out of its train, a tenth, stratified and seeded; "shipped" leaves
    it empty instead.
    """
    labels, given = np.asarray(labels), np.asarray(given)
    if split not in SPLITS:
        raise DataError(f"split={split!r} is not known.", f"Use one of {', '.join(SPLITS)}.")
    if split == "report1":
        return report_1(labels, given, seed, per_class)
    if split == "report3":
        return report_3(labels, given, seed, leak, per_class)
    if split == "shipped":
        return Plan(*(np.flatnonzero(given == name) for name in PARTS), "as shipped")
    found = usual(labels, given, seed)
    if split == "usual":
        return found
    remark = "as report 2: PrivateTest validates, PublicTest tests" + (f" ({found.remark})" if found.remark else "")
    return Plan(found.train, found.test, found.validation, remark)


def usual(labels, given, seed) -> Plan:
    """Training / PublicTest / PrivateTest, or the nearest thing that the source allows."""
    given = np.where(given == "", "train", given)
    taken = ""
    if not (given == "train").any():
        name = "validation" if (given == "validation").any() else "test"
        given, taken = np.where(given == name, "train", given), f"its {name} part taken as train; "
    parts = {name: np.flatnonzero(given == name) for name in PARTS}
    absent = [name for name in PARTS[1:] if not len(parts[name])]
    for step, name in enumerate(absent):
        whole = parts["train"]
        rest, cut = stratified(labels[whole], CUT / (1 - CUT * step), seed)
        parts["train"], parts[name] = whole[rest], whole[cut]
    remark = f"{taken}{' and '.join(absent)} cut out of train, {CUT:.0%} each, stratified" if absent else ""
    return Plan(**parts, remark=remark)


def report_1(labels, given, seed, per_class) -> Plan:
    """Every class undersampled to the smallest of train; a tenth for test, unstratified as published; validation ours."""
    whole = np.flatnonzero((given == "train") | (given == ""))
    whole = whole if len(whole) else np.arange(len(labels))
    balanced = np.random.default_rng(seed).permutation(whole[undersample(labels[whole], seed, per_class)])
    n_test = math.ceil(len(balanced) / 10)
    test, left = np.sort(balanced[:n_test]), np.sort(balanced[n_test:])
    rest, cut = stratified(labels[left], n_test / max(1, len(left)), seed)
    remark = (
        f"as report 1: train undersampled to {len(balanced):,}, {n_test:,} of them for test, unstratified; "
        f"the validation part, {len(cut):,}, is our choice"
    )
    return Plan(left[rest], left[cut], test, remark)


def report_3(labels, given, seed, leak, per_class) -> Plan:
    """The same number of each class in train, by repeats or cuts; a fifth for validation, after that (as published) or before."""
    held_out = np.isin(given, PARTS[1:])
    train, test = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    if not len(train) or not len(test):
        train, test = stratified(labels, CUT, seed)
    largest = np.bincount(labels[train]).max(initial=0)
    to = per_class or (5000 if largest >= 5000 else math.ceil(largest * 5000 / 7215))
    whole = train[oversample(labels[train], to, seed)]
    again = repeats(whole)
    if not leak:
        whole = whole[~again]  # classes that are too large are cut, nothing is repeated yet
    rest, cut = stratified(labels[whole], 0.2, seed)
    fit = whole[rest]
    if leak:
        copies = {"train": again[rest], "validation": again[cut]}
        how = "20% of it for validation after that, as published: copies of one face are on both sides"
    else:
        fit = fit[oversample(labels[fit], round(0.8 * to), seed)]
        copies = {"train": repeats(fit)}
        how = "after 20% had been cut off for validation: no face is on both sides"
    return Plan(fit, whole[cut], test, f"as report 3: {to:,} a class, by augmented copies or cuts; {how}", copies)
