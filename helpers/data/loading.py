"""`load`: from any source to three parts in memory."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from helpers import CLASSES, environment
from helpers.files import brief, guarded

from . import annotations, sources, splits, tables
from .archives import LOCKED, DataError, open_collection
from .augment import jitter
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture, decode
from .layouts import Listing, class_of, list_pictures

CHUNK = 512  # pictures that one thread decodes before it asks for more


def load(
    source: str | Path | None = None,
    split: str = "usual",
    seed: int = 0,
    *,
    n: int | None = None,
    size: int = 48,
    only: tuple[str, ...] | None = None,
    spelled: dict[str, str] | None = None,
    ignore: tuple[str, ...] = (),
    votes: str | Path | None = None,
    leak: bool = True,
    per_class: int | None = None,
) -> Dataset:
    """Read a data set from anywhere into memory, as grey uint8 pictures, in three parts.

    source   "drawn" (faces that the course draws, `n` in all), a folder, a zip, a CSV, a Kaggle handle "owner/name",
             or None: what `find()` finds, else "drawn".
    split    "usual" (Training / PublicTest / PrivateTest; what the source lacks is cut out of its train),
             "report1" (balanced), "report2" (PrivateTest validates), "report3" (three classes, 5,000 each), or
             "shipped" (the source's own parts, nothing cut; what it lacks is empty).
    seed     of every random choice; of the drawn world too.
    size     the side that pictures are stretched to.
    only     the classes to keep; labels are then positions in `.classes`.
    spelled  {folder name: class} for folders whose names are not understood; `ignore`: folders to leave out.
    votes    a FER+ file, when it is not beside the data.
    leak     report3 only: False cuts the validation part off before the copies are made.
    per_class  report1: images a class, at most; the drawn faces are drawn balanced then. report3: images a class in train.
    """
    only = chosen(only, split)
    source = source or sources.find() or "drawn"
    drawn = str(source) == "drawn"
    if drawn and split == "report1" and n is None:
        path = sources.draw((per_class or environment.profile().faces_per_class) * len(CLASSES), seed, balanced=True)
    elif drawn:
        path = sources.draw(n or environment.profile().drawn_faces, seed)
    else:
        path = sources.locate(source)
    with guarded(DataError, f"{brief(path)} cannot be read", "Check its files, or leave out what is damaged."):
        listing = list_source(path, spelled, ignore)
        sealed = annotations.sealed(listing.files)
    if drawn and not sealed:
        raise DataError(f"{path} is not as the course has drawn it.", "Delete this folder, and it is drawn again.")
    if only is not None:
        listing = listing.take(np.flatnonzero(np.isin(listing.labels, [CLASSES.index(name) for name in only])))
    images, listing = decode_all(listing, size)
    check_classes(listing, only or CLASSES)
    plan = splits.plan(listing.labels, listing.pictures["split"].to_numpy(), split, seed, leak, per_class)
    if split != "shipped":
        check_parts(listing, plan)
    return dataset(listing, plan, images, only or CLASSES, seed, votes, sealed)


def list_source(path: Path, spelled: dict | None = None, ignore: tuple = ()) -> Listing:
    """Every picture of a source by name, class and split; only a CSV's pixels are read already."""
    files = open_collection(path, beside=(annotations.FERPLUS,))
    listing = list_pictures(files, path, spelled, ignore)
    table = path.name if files.path != path else None if len(listing) else tables.find_table(files)
    if table:
        listing = tables.read_pixels(files, table, path)
    if not len(listing):
        raise DataError(
            f"{path} holds no pictures in class folders{skipped(listing)}.",
            f"Name the folder that holds train/ and test/, or folders called {', '.join(CLASSES)}.",
        )
    rows = listing.pictures["row"]
    if rows.is_unique and rows.min() >= 0:
        listing = listing.take(np.argsort(rows.to_numpy()))  # the same order from folders, a zip and the CSV
    return listing


def chosen(only, split: str) -> tuple[str, ...] | None:
    """The classes to keep, in the course's order; report 3 keeps three."""
    if only is None:
        return ("angry", "happy", "sad") if split == "report3" else None
    names = [only] if isinstance(only, str) else list(only)
    found = [class_of(name) for name in names]
    if None in found or len(set(found)) < 2:
        raise DataError(f"only={tuple(names)} does not name two classes.", f"Use two or more of {', '.join(CLASSES)}.")
    return tuple(name for name in CLASSES if name in found)


def decode_all(listing: Listing, size: int) -> tuple[np.ndarray, Listing]:
    """Every picture as grey size x size, and the listing without those that are none, counted by reason."""
    if listing.pixels is not None and listing.pixels.shape[1:] == (size, size):
        return listing.pixels, listing
    images = np.empty((len(listing), size, size), np.uint8)
    names, failed = listing.pictures["name"].tolist(), {}

    def work(start: int) -> None:
        for i in range(start, min(start + CHUNK, len(names))):
            try:
                images[i] = decode_one(listing, names[i], i, size)
            except NotAPicture as problem:
                failed[i] = problem.kind

    with warnings.catch_warnings(), ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        warnings.filterwarnings("ignore", module="PIL")  # its remarks on odd tags: the picture is read or counted
        list(pool.map(work, range(0, len(names), CHUNK)))
    if not failed:
        return images, listing
    listing.skipped.update(failed.values())
    fine = np.setdiff1d(np.arange(len(listing)), list(failed))
    rest = listing.take(fine)
    for split in sorted(set(listing.pictures["split"]) - set(rest.pictures["split"])):
        raise DataError(
            f"{listing.path}: none of the pictures of its {split} part can be read{skipped(listing)}.",
            f"Replace them, or remove their folders, and a {split} part is cut out of the others.",
        )
    return images[fine], rest


def decode_one(listing: Listing, name: str, i: int, size: int) -> np.ndarray:
    """One picture of a listing; every way to fail ends in NotAPicture."""
    if listing.pixels is not None:
        how = cv2.INTER_AREA if size < tables.SIDE else cv2.INTER_LINEAR
        return cv2.resize(listing.pixels[i], (size, size), interpolation=how)
    try:
        with listing.files.open(name) as file:
            return decode(file, size)
    except NotAPicture:
        raise
    except Exception as problem:  # a file that vanished or may not be read, a damaged or encrypted entry of a zip
        raise NotAPicture("cannot be read", f"{name} cannot be read ({problem}).") from problem


def check_classes(listing: Listing, wanted: tuple[str, ...]) -> None:
    """Refuse a source that lacks a class."""
    have = tuple(CLASSES[label] for label in np.unique(listing.labels))
    missing = [name for name in wanted if name not in have]
    if missing:
        without = f", or go on without, load(..., only={have})" if len(have) > 1 else ""
        locked = "Check who may read the folders that cannot be opened. " if listing.skipped[LOCKED] else ""
        raise DataError(
            f"{listing.path} has no pictures of {', '.join(missing)}{skipped(listing)}.",
            f"{locked}Add a folder of them, say what your folders mean, load(..., spelled={{'folder': 'class'}}){without}.",
        )


def check_parts(listing: Listing, plan: splits.Plan) -> None:
    """Refuse an empty part, and a train part without one of the classes."""
    for name in PARTS:
        if not len(getattr(plan, name)):
            reason = f"{listing.path} has too few pictures ({len(listing):,}) for a {name} part."
            raise DataError(reason, "Add more to each class folder.")
    there = np.unique(listing.labels[plan.train])
    lacking = [CLASSES[label] for label in np.setdiff1d(listing.labels, there)]
    if lacking:
        raise DataError(
            f"{listing.path} has no pictures of {', '.join(lacking)} to train on, only in its other parts.",
            "Add some to its train folder, or go on without, "
            f"load(..., only={tuple(CLASSES[label] for label in there)}).",
        )


def skipped(listing: Listing) -> str:
    """What was not used, in brackets, for a message."""
    counts = ", ".join(f"{count:,} {reason}" for reason, count in listing.skipped.most_common())
    return f" (skipped: {counts})" if counts else ""


def dataset(listing: Listing, plan: splits.Plan, images, classes, seed: int, votes, drawn: bool) -> Dataset:
    """The three parts with all that is known of their pictures, and what the source is in words."""
    if drawn:
        ballots, truth = annotations.drawn_truth(listing)
        kind = f"drawn faces, world {annotations.about_drawn(listing.files).get('seed', 'unknown')}"
    else:
        ballots, truth, kind = annotations.ferplus_votes(listing, votes), None, listing.kind
    count = len(set().union(*(getattr(plan, name).tolist() for name in PARTS)))
    what = f"{kind}, {count:,} images"
    labels = np.searchsorted([CLASSES.index(name) for name in classes], listing.labels)
    names = listing.pictures["name"].to_numpy(dtype=str)
    whole = Part(images, labels, names, what, classes, ballots, truth)
    parts = {name: part(whole, plan, name, seed) for name in PARTS}
    reasons = pd.DataFrame(listing.skipped.most_common(), columns=["reason", "files"])
    source = "; ".join(filter(None, [what, plan.remark, *listing.remarks]))
    return Dataset(**parts, source=source, classes=classes, drawn=drawn, path=listing.path, skipped=reasons)


def part(whole: Part, plan: splits.Plan, name: str, seed: int) -> Part:
    """One part; the copies that report 3 makes of a face are augmented, so that no two are the same."""
    found = whole.take(getattr(plan, name))
    found.source, found.copies = f"{name}: {whole.source}", plan.copies.get(name)
    if found.copies is not None and found.copies.any():
        found.images[found.copies] = jitter(found.images[found.copies], seed)
    return found
