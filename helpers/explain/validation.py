"""What a caller passes, checked before any work begins: pictures, classes, maps."""

import numpy as np

from helpers import CLASSES
from helpers.files import CourseError


def pictures(images, shape: tuple[int, int, int], name: str) -> np.ndarray:
    """The pictures as the net takes them: (n, height, width, channels), float32."""
    images = np.asarray(images)
    height, width, channels = shape
    expected = f"(n, {height}, {width})" if channels == 1 else f"(n, {height}, {width}, {channels})"
    if images.shape in ((height, width), shape):
        raise CourseError(
            f"This is one picture, {images.shape}; {name} takes several, {expected}.", "Use images[None]."
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.shape[1:] == (height, width, 1):
        images = np.repeat(images, channels, axis=-1)  # a grey picture for a net that takes colours
    if images.shape[1:] != shape or not len(images):
        raise CourseError(f"{name} takes pictures of the shape {expected}; these have {images.shape}.")
    if images.dtype.kind not in "uif" or not np.isfinite(images).all():
        raise CourseError("A picture is an array of finite numbers; these contain other values.")
    return images.astype(np.float32)


def not_flat(images: np.ndarray) -> None:
    """Refuse a picture with a single value: there is nothing in it to point at."""
    flat = np.flatnonzero(np.ptp(images, axis=(1, 2, 3)) == 0)
    if len(flat):
        value = images[flat[0]].flat[0]
        raise CourseError(f"Picture {flat[0]} is flat: every pixel has the value {value:g}.", "Leave it out.")


def codes(classes, n: int, count: int, name: str) -> np.ndarray:
    """Classes by name or code, one for all pictures or one for each, as n codes."""
    listed = [classes] if isinstance(classes, str) or np.ndim(classes) == 0 else list(classes)
    if len(listed) not in (1, n):
        raise CourseError(f"classes has {len(listed)} entries for {n} pictures.", "Give one for all, or one for each.")
    names = list(CLASSES) if count == len(CLASSES) else []
    known = {**{code: code for code in range(count)}, **{label: code for code, label in enumerate(names)}}
    for entry in listed:
        if isinstance(entry, bool) or entry not in known:
            by_name = f"or by name: {', '.join(names)}" if names else f"and they have no names: {name} has {count}"
            raise CourseError(f"There is no class {entry!r}.", f"Classes go by code, 0 to {count - 1}, {by_name}.")
    return np.broadcast_to(np.array([known[entry] for entry in listed], np.int32), n)


def map_values(maps, shape: tuple[int, int, int]) -> np.ndarray:
    """Maps of finite numbers, one for each picture and of its size."""
    maps = np.asarray(maps)
    if maps.shape != shape:
        raise CourseError(f"The maps must have the shape {shape}, one for each picture; these have {maps.shape}.")
    if maps.dtype.kind not in "buif" or not np.isfinite(maps).all():
        raise CourseError("A map is an array of finite numbers; these contain other values.")
    return maps.astype(float)
