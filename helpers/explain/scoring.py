"""How right maps are where the truth is known: pointing game, mass and rank accuracy; and how far two maps agree."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from drawn_faces import REGIONS, Faces

from .curves import like
from .regions import drawn, region_masks


def scores(maps, faces) -> pd.DataFrame:
    """A row a face: how well a map finds the regions that the face's active action units move.

    pointing  whether the map's highest pixel lies in there (where several are highest: the share of them that do)
    mass      the share of the map's sum that lies in there
    rank      of as many highest pixels as the regions have, the share that lies in there (ties count by chance)
    area      the share of the picture that the regions take: what a map of one value gets in all three

    `faces` are drawn faces, or masks (n, height, width) of bool: any truth, such as `changed(faces)` or a planted corner.
    A face at rest has no such region: its scores are nan. What is found is plausibility: a net that decides by
    something else *should* fail here.
    """
    inside = region_masks(faces) if isinstance(faces, Faces) else np.asarray(faces)
    if inside.dtype != bool or inside.ndim != 3:
        raise ValueError(
            f"scores takes drawn faces or masks (n, height, width) of bool; got {inside.dtype} {inside.shape}."
        )
    maps = like(maps, inside)
    if maps.size and maps.min() < 0:
        raise ValueError(
            f"A map must not be negative to be scored; its lowest value is {maps.min():.3g}. Leave out raw=True."
        )
    rows = [one_map(values.ravel(), mask.ravel()) for values, mask in zip(maps, inside, strict=True)]
    return pd.DataFrame(rows, columns=["pointing", "mass", "rank", "area"], dtype=float)


def one_map(values: np.ndarray, inside: np.ndarray) -> tuple[float, float, float, float]:
    """The four numbers of one map."""
    area, count = inside.mean(), int(inside.sum())
    if not count:
        return np.nan, np.nan, np.nan, 0.0
    pointing = inside[values == values.max()].mean()
    mass = values[inside].sum() / values.sum() if values.max() > 0 else area
    edge = np.partition(values, -count)[-count]  # the lowest value among the `count` highest
    above, tied = values > edge, values == edge
    rank = (inside[above].sum() + (count - above.sum()) * inside[tied].mean()) / count
    return pointing, mass, rank, area


def region_shares(maps, faces) -> pd.DataFrame:
    """A row a face: the share of the map's sum in each region, and elsewhere. Eyes and brows overlap, so a row may pass 1."""
    faces = drawn(faces)
    maps = like(maps, faces.images)
    total = np.maximum(maps.sum(axis=(1, 2)), 1e-12)
    table = {region: (maps * faces.masks[region]).sum(axis=(1, 2)) / total for region in REGIONS}
    covered = region_masks(faces, [REGIONS] * len(faces))
    return pd.DataFrame(table | {"elsewhere": (maps * ~covered).sum(axis=(1, 2)) / total})


def agreement(maps_a, maps_b) -> np.ndarray:
    """(n,) Spearman's rank correlation of two maps of each picture: 1 the same order of pixels, 0 none (or a flat map)."""
    maps_a, maps_b = np.asarray(maps_a), np.asarray(maps_b)
    if maps_a.ndim != 3:
        raise ValueError(f"Maps come as (n, height, width); got {maps_a.shape}.")
    return np.array([correlation(a, b) for a, b in zip(like(maps_a, maps_a), like(maps_b, maps_a), strict=True)])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The correlation of the ranks, equal values sharing the mean of theirs."""
    a, b = (rankdata(values.ravel()) for values in (a, b))
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else 0.0
