"""What a caller asks for, checked: pictures, classes, whole numbers. What cannot be done is said in a sentence."""

import numpy as np

from helpers import CLASSES


def whole(name: str, value, low: int = 1) -> int:
    """A whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ValueError(f"{name}={value!r}; it must be a whole number of at least {low}.")
    return int(value)


def one_of(name: str, value, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in choices:
        raise ValueError(f"{name}={value!r}; it must be one of: {', '.join(choices)}.")
    return value


def pictures(images, shape: tuple[int, int, int], name: str) -> np.ndarray:
    """The pictures as the net takes them, (n, height, width, channels), still in the type they came in."""
    images = np.asarray(images)
    height, width, channels = shape
    expected = f"(n, {height}, {width})" if channels == 1 else f"(n, {height}, {width}, {channels})"
    if images.shape in ((height, width), shape):
        raise ValueError(f"That is one picture, {images.shape}; {name} takes several, {expected}: use images[None].")
    if images.ndim == 3:
        images = images[..., None]
    if images.shape[1:] == (height, width, 1) and channels == 3:
        images = np.repeat(images, 3, axis=-1)
    if images.shape[1:] != shape:
        raise ValueError(f"{name} takes pictures of the shape {expected}; these have {images.shape}.")
    if images.dtype.kind not in "uif" or not np.isfinite(images).all():
        raise ValueError("A picture is an array of finite numbers; these have other values in them.")
    return images


def not_flat(images: np.ndarray) -> None:
    """A sentence where a picture has a single value."""
    flat = np.flatnonzero(images.min(axis=(1, 2, 3)) == images.max(axis=(1, 2, 3)))
    if len(flat):
        value = images[flat[0]].flat[0]
        raise ValueError(
            f"Picture {flat[0]} is flat: every pixel has the value {value}, so there is nothing in it to point at. "
            "Leave it out."
        )


def codes(classes, n: int, count: int, name: str) -> np.ndarray:
    """Classes, by name or code, one for all pictures or one a picture, as n codes."""
    listed = [classes] if isinstance(classes, str) or np.ndim(classes) == 0 else list(classes)
    if len(listed) not in (1, n):
        raise ValueError(f"classes has {len(listed)} entries for {n} pictures; give one for all, or one a picture.")
    found = [code(entry, count, name) for entry in listed]
    return np.broadcast_to(np.array(found, np.int32), n)


def code(entry, count: int, name: str) -> int:
    """The code of one class."""
    if isinstance(entry, str) and count == len(CLASSES) and entry in CLASSES:
        return CLASSES.index(entry)
    number = isinstance(entry, int | np.integer) and not isinstance(entry, bool)
    if number and 0 <= entry < count:
        return int(entry)
    known = (
        f"by name: {', '.join(CLASSES)}" if count == len(CLASSES) else f"which have no names here ({name} has {count})"
    )
    raise ValueError(f"There is no class {entry!r}. Classes go by code, 0 to {count - 1}, or {known}.")


def slices(n: int, size: int):
    """The parts of n things, at most so many at once."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def scaled(maps: np.ndarray) -> np.ndarray:
    """Each map from 0 (nothing, or evidence against the class) to 1 (its own largest value)."""
    maps = np.maximum(maps, 0).astype(np.float64)
    top = maps.max(axis=(1, 2), keepdims=True, initial=0)
    return np.divide(maps, top, out=np.zeros_like(maps), where=top > 0).astype(np.float32)


def finished(maps, raw: bool) -> np.ndarray:
    """Maps as every method gives them: finite, float32, scaled unless their values themselves are asked for."""
    maps = np.asarray(maps)
    if not np.isfinite(maps).all():
        bad = np.flatnonzero(~np.isfinite(maps).all(axis=(1, 2)))
        raise ValueError(f"The net gives no finite numbers for picture {bad[0]}: are its weights finite?")
    return maps.astype(np.float32) if raw else scaled(maps)
