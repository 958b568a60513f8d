"""What really moved a net's answer, which only drawn faces tell: they are redrawn with one thing changed. And scores of maps against it."""

import numpy as np
import pandas as pd

from drawn_faces import AUS, REGIONS, Faces
from helpers import CLASSES
from helpers.files import CourseError

from .network import logits, prepare
from .validation import codes, map_values

ACTIVE = 0.2
"""From this intensity on, an action unit counts as active; below, it may be the idle twitch of any face."""

UNIT_REGIONS = {
    "AU1": ("brows", "eyes", "forehead"),
    "AU2": ("brows", "forehead"),
    "AU4": ("brows", "eyes"),
    "AU5": ("eyes",),
    "AU6": ("cheeks", "eyes"),
    "AU7": ("eyes", "brows"),
    "AU9": ("nose", "mouth", "eyes", "brows"),
    "AU10": ("mouth", "nose"),
    "AU12": ("mouth", "cheeks"),
    "AU15": ("mouth",),
    "AU17": ("mouth",),
    "AU20": ("mouth",),
    "AU23": ("mouth",),
    "AU24": ("mouth",),
    "AU25": ("mouth",),
    "AU26": ("mouth",),
    "AU43": ("eyes",),
}
"""The regions where a face changes with a unit, the main one first. The chin (AU17, AU24, AU26) has no region."""


def counterfactual(model, faces, classes=None, by: str = "unit", batch: int = 64) -> pd.DataFrame:
    """Redraw each face with an active unit taken back, or all of a region's (by="region"), and ask the net again.

    A row for each face and unit (or region): the class, its logit `before` and `after`, and the `effect`, before minus
    after: above 0, what was taken back had spoken for the class. Person, pose, light and grain stay.
    """
    faces, net = drawn(faces), prepare(model)
    if by not in ("unit", "region"):
        raise CourseError(f"by={by!r} is not known.", "Take back by 'unit' or by 'region'.")
    together = {unit: unit if by == "unit" else UNIT_REGIONS[unit][0] for unit in AUS}
    before = logits(net, faces.images, batch)
    classes = codes(before.argmax(axis=1) if classes is None else classes, len(faces), net.count, net.name)
    rows = [pd.DataFrame(columns=["face", "class", by, "before", "after", "effect"])]
    for part in AUS if by == "unit" else REGIONS:
        strength = faces.truth[[unit for unit in AUS if together[unit] == part]].reset_index(drop=True)
        touched = np.flatnonzero((strength >= ACTIVE).any(axis=1))
        if len(touched):
            rest = strength.where(strength < ACTIVE, 0.0).iloc[touched]
            other = faces[touched].with_(**{unit: rest[unit].to_numpy() for unit in rest})
            own = classes[touched]
            values = before[touched, own], logits(net, other.images, batch)[np.arange(len(own)), own]
            named = [CLASSES[code] for code in own] if net.count == len(CLASSES) else own
            table = {"face": touched, "class": named, by: part, "before": values[0], "after": values[1]}
            rows.append(pd.DataFrame(table).assign(effect=values[0] - values[1]))
    return pd.concat(rows[1:] or rows, ignore_index=True).sort_values("face", kind="stable", ignore_index=True)


def decisive(effects: pd.DataFrame, n: int) -> list[str]:
    """For each of n faces, the region (or unit) whose loss lowers the logit most; "" where none does. See `counterfactual`."""
    part = "region" if "region" in effects else "unit"
    best = effects[effects["effect"] > 0].sort_values("effect", kind="stable").groupby("face")[part].last()
    return [best.get(i, "") for i in range(n)]


def drawn(faces) -> Faces:
    """Faces that carry their truth, or a sentence."""
    if not isinstance(faces, Faces):
        reason = f"This needs drawn faces, as drawn_faces.faces gives them; got {type(faces).__name__}."
        raise CourseError(reason, "Of a photograph nobody knows what moved, and it cannot be redrawn.")
    return faces


def region_masks(faces, regions=None) -> np.ndarray:
    """(n, size, size) bool: the regions that each face's active units move; or those named, for all or for each face.

    `regions` is a name, or a list with an entry for each face: a name, several names, or "" for none.
    """
    faces = drawn(faces)
    if regions is None:
        active = faces.truth[list(AUS)].to_numpy() >= ACTIVE
        regions = [{r for unit, on in zip(AUS, row, strict=True) if on for r in UNIT_REGIONS[unit]} for row in active]
    entries = [regions] * len(faces) if isinstance(regions, str) else list(regions)
    if len(entries) != len(faces):
        raise CourseError(f"regions has {len(entries)} entries for {len(faces)} faces.", "Give one, or one for each.")
    entries = [{entry} - {""} if isinstance(entry, str) else set(entry) for entry in entries]
    unknown = set().union(*entries) - set(REGIONS)
    if unknown:
        raise CourseError(f"There is no region {min(unknown)!r}.", f"The regions are: {', '.join(REGIONS)}.")
    named = {region: np.array([region in entry for entry in entries], bool) for region in REGIONS}
    return np.any([faces.masks[region] & named[region][:, None, None] for region in REGIONS], axis=0)


def scores(maps, faces) -> pd.DataFrame:
    """A row a face: how well a map finds the regions that the face's active units move.

    pointing  whether the map's highest pixel lies in there (where several are highest: the share of them that do)
    mass      the share of the map's sum that lies in there
    rank      of as many highest pixels as the regions have, the share that lies in there (ties count by chance)
    area      the share of the picture that the regions take: what a map of one value gets in all three

    `faces` are drawn faces, or masks (n, height, width) of bool: any truth, such as a planted corner. Where nothing
    moves, the scores are nan. What is found is plausibility: a net that decides by something else *should* fail here.
    """
    inside = region_masks(faces) if isinstance(faces, Faces) else np.asarray(faces)
    if inside.dtype != bool or inside.ndim != 3:
        got = f"{inside.dtype} {inside.shape}"
        raise CourseError(f"scores takes drawn faces or masks (n, height, width) of bool; got {got}.")
    maps = map_values(maps, inside.shape)
    if maps.min(initial=0) < 0:
        raise CourseError("A map must not be negative to be scored.", "Leave out raw=True.")
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
    maps = map_values(maps, faces.images.shape)
    places = {region: faces.masks[region] for region in REGIONS}
    places["elsewhere"] = ~np.any(list(places.values()), axis=0)
    total = np.maximum(maps.sum(axis=(1, 2)), 1e-12)
    return pd.DataFrame({name: (maps * inside).sum(axis=(1, 2)) / total for name, inside in places.items()})
