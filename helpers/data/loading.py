"""`load`: from any source to three parts in memory."""

from __future__ import annotations

import os
import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pandas as pd

from helpers import CLASSES, environment

from . import annotations, layouts, sources, splits, tables
from .archives import DataError
from .augment import jitter
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture, decode
from .sources import Listing

CHUNK = 512  # pictures that one thread decodes before it asks for more


def load(
    source=None,
    split: str = "usual",
    seed: int = 0,
    *,
    n: int | None = None,
    size: int = 48,
    only: tuple[str, ...] | None = None,
    spelled: dict[str, str] | None = None,
    ignore: tuple[str, ...] = (),
    votes=None,
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
    votes    a FER+ file, when it does not stand beside the data.
    leak     report3 only: False cuts the validation part off before the copies are made.
    per_class  report1: images a class, at most; the drawn faces are drawn balanced then. report3: images a class in train.
    """
    listing, plan, labels, pixels = planned(
        source, split, seed, size=size, n=n, only=only, spelled=spelled, ignore=ignore, leak=leak, per_class=per_class
    )
    ballots, truth = (
        annotations.drawn_truth(listing) if listing.synthetic else (annotations.ferplus(listing, votes), None)
    )
    count = len(set().union(*(getattr(plan, name).tolist() for name in PARTS)))
    what, classes = f"{listing.kind}, {count:,} images", chosen(only, split) or CLASSES
    whole = Part(pixels, labels, np.array(listing.names, dtype=str), what, classes, ballots, truth)
    parts = {name: _part(whole, plan, name, seed) for name in PARTS}
    source = "; ".join([what, *(remark for remark in (plan.remark, *listing.remarks) if remark)])
    return Dataset(
        **parts, source=source, classes=classes, synthetic=listing.synthetic, path=listing.where,
        passed_over=_table(listing),
    )  # fmt: skip


def planned(source, split, seed, *, size=None, n=None, only=None, spelled=None, ignore=(), leak=True, per_class=None):
    """(listing, plan, labels, pixels): which pictures there are and which part each belongs to; no pixels without `size`."""
    only = chosen(only, split)
    balanced = (per_class or environment.profile().faces_per_class) if split == "report1" and n is None else None
    listing, pixels = listed(source, seed, n=n, balanced=balanced, spelled=spelled, ignore=ignore), None
    if only is not None:
        listing = listing.take(np.flatnonzero(np.isin(listing.labels, [CLASSES.index(name) for name in only])))
    if size is not None:
        pixels, listing = decode_all(listing, size)
    check_classes(listing, only)
    plan = splits.plan(listing.labels, listing.splits, split, seed, leak, per_class)
    if split != "shipped":
        check_parts(listing, plan)
    labels = listing.labels if only is None else np.searchsorted([CLASSES.index(name) for name in only], listing.labels)
    return listing, plan, labels, pixels


def listed(source=None, seed: int = 0, *, n=None, balanced=None, spelled=None, ignore=()) -> Listing:
    """Every picture of a source by name, class and split, before any pixel is read (a CSV's are read along)."""
    if source is None:
        source = sources.find() or "drawn"
    drawn = str(source) == "drawn"
    path = draw(n or environment.profile().drawn_faces, seed, balanced) if drawn else sources.locate(source)
    if path.is_file() and path.suffix.lower() == ".csv":
        with open(path, "rb") as file:
            listing = _from_table(path, tables.read_pixels(file, path), [])
    else:
        listing, shelf = sources.list_pictures(path, spelled, ignore)
        table = tables.pixel_table(shelf) if not len(listing) else None
        if table:
            with shelf.open(table) as file:
                listing = _from_table(path, tables.read_pixels(file, path / table), shelf)
            listing.passed_over.update(shelf.passed_over)
    if not len(listing):
        aside = ", ".join(f"{count:,} {reason}" for reason, count in listing.passed_over.items())
        raise DataError(
            f"{path} holds no pictures in class folders" + (f" (passed over: {aside})" if aside else "") + ". Name the "
            f"folder that holds train/ and test/, or folders called {', '.join(CLASSES)}."
        )
    if annotations.is_drawn(listing):
        about = sources.drawn(path) or {}
        listing.synthetic, listing.kind = True, f"drawn faces, world {about.get('seed', 'unknown')}"
        listing.passed_over.pop("not a picture file", None)  # the file that tells about them
    if len(np.unique(listing.rows)) == len(listing) and listing.rows.min() >= 0:
        listing = listing.take(np.argsort(listing.rows))  # the same order from folders, a zip and the CSV
    return listing


def draw(n: int, seed: int, balanced: int | None = None) -> Path:
    """The folder of `n` drawn faces of world `seed`, or of `balanced` faces a class, drawn on first use, then read again."""
    from drawn_faces import folders

    n = balanced * len(CLASSES) if balanced else n
    folder = environment.folder("data") / "synthetic" / f"{'balanced-' if balanced else ''}{n}-{seed}"
    about = sources.drawn(folder)
    if about is not None and about.get("drawing") != folders.DRAWING:
        shutil.rmtree(folder)  # the course's own faces, drawn by an older version of it
    if sources.drawn(folder) is None:
        folders.write(folder, n, seed, balanced=bool(balanced))
    return folder


def _from_table(path: Path, table: dict, shelf) -> Listing:
    """A pixel CSV as a listing: its rows are its names."""
    usages = table["usages"]
    given = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
    kind = "FER-2013 (CSV)" if set(given) <= set(usages) else f"{path.name} (CSV)"
    return Listing(
        path, kind, [f"row {row}" for row in table["rows"]], table["labels"],
        np.array([given.get(usage, "") for usage in usages], dtype="U10"), usages, table["rows"], shelf or None,
        table["aside"], images=table["images"], table_size=table["size"],
    )  # fmt: skip


def chosen(only, split: str) -> tuple[str, ...] | None:
    """The classes to keep, in the course's order; report 3 keeps three."""
    if only is None:
        return ("angry", "happy", "sad") if split == "report3" else None
    names = [only] if isinstance(only, str) else list(only)
    found = {name: layouts.class_of(name) for name in names}
    unknown = [name for name, known in found.items() if known is None]
    if unknown or len(set(found.values())) < 2:
        raise DataError(f"only={tuple(names)}: name two or more of {', '.join(CLASSES)}.")
    return tuple(name for name in CLASSES if name in found.values())


def decode_all(listing: Listing, size: int) -> tuple[np.ndarray, Listing]:
    """Every picture as grey size x size, and the listing without those that are none, counted with their reason."""
    if listing.images is not None and listing.images.shape[1:] == (size, size):
        return listing.images, listing
    pixels = np.empty((len(listing), size, size), np.uint8)
    failed: dict[int, str] = {}

    def work(start: int) -> None:
        for i in range(start, min(start + CHUNK, len(listing))):
            try:
                pixels[i] = picture(listing, i, size)
            except NotAPicture as problem:
                failed[i] = problem.reason

    with warnings.catch_warnings(), ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as crew:
        warnings.filterwarnings("ignore", module="PIL")  # its remarks on odd tags: the picture is read or set aside
        list(crew.map(work, range(0, len(listing), CHUNK)))
    if failed:
        listing.passed_over.update(failed.values())
        fine = np.setdiff1d(np.arange(len(listing)), list(failed))
        pixels, listing = pixels[fine], listing.take(fine)
    return pixels, listing


def picture(listing: Listing, i: int, size: int) -> np.ndarray:
    """Picture `i` of a listing, decoded; every way to fail ends in NotAPicture."""
    if listing.images is not None:
        how = cv2.INTER_AREA if size < tables.SIDE else cv2.INTER_LINEAR
        return cv2.resize(listing.images[i], (size, size), interpolation=how)
    try:
        data = listing.read(i)
    except NotAPicture:
        raise
    except Exception as problem:  # a file that vanished or may not be read, a damaged or odd entry of a zip
        raise NotAPicture("cannot be read", f"{listing.names[i]} cannot be read: {problem}.") from problem
    return decode(data, size)


def check_classes(listing: Listing, only: tuple[str, ...] | None) -> None:
    """A sentence instead of a data set that lacks a class, or that has an empty folder for a whole part."""
    where, present = listing.where, {CLASSES[i] for i in np.unique(listing.labels)}
    aside = f" ({sum(listing.passed_over.values()):,} files were passed over)" if listing.passed_over else ""
    for folder in sorted(getattr(listing.shelf, "folders", ())):
        split = layouts.split_of(PurePosixPath(folder).name)
        if split and not any(name.startswith(f"{folder}/") for name in listing.names):
            raise DataError(
                f"{where / folder} has no usable pictures{aside}: fill it, or remove the folder, and the {split} part is "
                "cut out of the others."
            )
    missing = [name for name in only or CLASSES if name not in present]
    if missing and not listing.synthetic:
        have = tuple(name for name in CLASSES if name in present)
        wish = f", or go on without, load(..., only={have})" if len(have) > 1 else ""
        raise DataError(
            f"{where} has no pictures of {', '.join(missing)}{aside}: add a folder of them, say what your folders mean, "
            f"load(..., spelled={{'folder': 'class'}}){wish}."
        )


def check_parts(listing: Listing, plan: splits.Plan) -> None:
    """A sentence instead of an empty part, or of a train part without one of the classes."""
    where, whole = listing.where, np.unique(listing.labels)
    for name in PARTS:
        if not len(getattr(plan, name)):
            raise DataError(
                f"{where} has too few pictures ({len(listing):,}) for a {name} part: add more to each class folder."
            )
    lacking = [CLASSES[i] for i in np.setdiff1d(whole, listing.labels[plan.train])]
    if lacking:
        raise DataError(
            f"{where} has no pictures of {', '.join(lacking)} to train on, only in its other parts: add some to its train "
            f"folder, or go on without, load(..., only={tuple(CLASSES[i] for i in np.unique(listing.labels[plan.train]))})."
        )


def _part(whole: Part, plan: splits.Plan, name: str, seed: int) -> Part:
    """One part; the copies that report 3 makes of a face are augmented, so that no two are the same."""
    part = whole.take(getattr(plan, name))
    part.source, part.copies = f"{name}: {part.source}", plan.copies.get(name)
    if part.copies is not None and part.copies.any():
        part.images[part.copies] = jitter(part.images[part.copies], seed)
    return part


def _table(listing: Listing) -> pd.DataFrame:
    """What was passed over, the most frequent reason first."""
    rows = sorted(listing.passed_over.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame(rows, columns=["reason", "files"])
