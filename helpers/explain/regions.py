"""Which part of a drawn face each action unit moves, and the masks of those parts."""

import numpy as np

from drawn_faces import AUS, REGIONS, Faces

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
"""The regions where the drawing changes when a unit does, as redrawing shows. The chin (AU17, AU24, AU26) has no region."""


def drawn(faces) -> Faces:
    """Drawn faces, or a sentence: of a photograph nobody knows what moved."""
    if not isinstance(faces, Faces):
        raise ValueError(f"This needs drawn faces, as drawn_faces.faces gives them: only they carry their truth and can be redrawn. Got {type(faces).__name__}.")  # fmt: skip
    return faces


def units(faces: Faces) -> np.ndarray:
    """The intensity of each action unit, (n, 17), in the order of AUS."""
    return np.array([[row[unit] for unit in AUS] for row in faces.rows]).reshape(-1, len(AUS))


def moved_regions(faces: Faces) -> list[tuple[str, ...]]:
    """For each face, the regions that its active units move; none for a face at rest."""
    active = [[unit for unit, on in zip(AUS, row, strict=True) if on] for row in units(faces) >= ACTIVE]
    return [tuple(r for r in REGIONS if any(r in UNIT_REGIONS[unit] for unit in row)) for row in active]


def region_masks(faces, regions=None) -> np.ndarray:
    """(n, size, size) bool: the regions that each face's active action units move; or those named, for all or for each.

    `regions` is a name, or a list with an entry for each face: a name, several names, or "" for none.
    """
    faces = drawn(faces)
    if regions is None:
        regions = moved_regions(faces)
    asked = [regions] * len(faces) if isinstance(regions, str) else list(regions)
    if len(asked) != len(faces):
        raise ValueError(f"regions has {len(asked)} entries for {len(faces)} faces; give one name, or an entry a face.")
    sets = [{entry} - {""} if isinstance(entry, str) else set(entry) for entry in asked]
    unknown = set().union(*sets) - set(REGIONS)
    if unknown:
        raise ValueError(f"There is no region {sorted(unknown)[0]!r}; the regions are: {', '.join(REGIONS)}.")
    found = np.zeros(faces.images.shape, bool)
    for region in set().union(*sets):
        having = np.array([region in each for each in sets])
        found |= faces.masks[region] & having[:, None, None]
    return found


def changed(faces, least: int = 8) -> np.ndarray:
    """(n, size, size) bool: the pixels that differ by `least` grey levels or more from the same face at rest, redrawn."""
    faces = drawn(faces)
    rest = faces.with_(**dict.fromkeys(AUS, 0.0))
    return np.abs(faces.images.astype(int) - rest.images) >= least
