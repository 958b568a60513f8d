"""What a caller asks for, as plain values; or an error that says what is allowed."""

import numpy as np

from .conditions import condition_names
from .expressions import AUS, CLASSES
from .people import AGE_GROUPS, BEARDS, HAIR, OCCLUDERS

CHOICES = {
    "age_group": AGE_GROUPS,
    "hair": HAIR,
    "beard": BEARDS,
    "occluder": OCCLUDERS,
    "intended": CLASSES,
    "labels": CLASSES,
    "emotions": CLASSES,
    "glasses": (True, False),
    "dark_glasses": (True, False),
}
#: The least and the greatest value of numbers; of those that are not named here, -10 and 10.
LIMITS = {
    "tone": (1, 10),
    "light_level": (0.02, 2),
    "light_x": (-2, 2),
    "light_y": (-2, 2),
    "light_softness": (0, 1),
    "exposure": (0.05, 20),
    "contrast": (0.1, 3),
    "roll": (-60, 60),
    "yaw": (-40, 40),
    "pitch": (-30, 30),
    "scale": (0.3, 1.6),
    "shift_x": (-1, 1),
    "shift_y": (-1, 1),
    "blur": (0, 4),
    "noise": (0, 60),
    "jpeg": (5, 100),
    "intensity": (0, 1),
    "identity": (0, 2**62),
    **{name: (0, 1) for name in AUS},
}
WHOLE = ("tone", "identity", "jpeg")


def check_whole(name: str, value, low: int, high: int = 2**62) -> int:
    """A whole number within its limits."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        limits = f"from {low} to {high}" if high < 2**62 else f"of at least {low}"
        raise ValueError(f"{name} is a whole number {limits}; {value!r} is not.")
    return int(value)


def check_emotions(emotions: list | str | None) -> list[int]:
    """Names or codes of emotions (None: all seven) as codes, in order."""
    if emotions is None:
        return list(range(len(CLASSES)))
    names = [emotions] if isinstance(emotions, str) else list(emotions)
    if not names:
        raise ValueError(f"emotions is an empty list; name some of: {', '.join(CLASSES)}.")
    return sorted({CLASSES.index(name) for name in check_values("emotions", names, len(names))})


def check_changes(changes: dict, n: int) -> list[dict]:
    """The conditions that a caller fixes or changes, one dict a face. `emotion=` and `frontal=True` are short forms."""
    changes = dict(changes)
    if "emotion" in changes:
        changes["intended"] = changes.pop("emotion")
    if changes.pop("frontal", False):
        changes.update(roll=0.0, yaw=0.0, pitch=0.0)
    known = condition_names()
    for name in changes:
        if name not in known:
            raise ValueError(f"A drawn face has no condition {name!r}; those it has: {', '.join(known)}.")
    columns = {name: check_values(name, value, n) for name, value in changes.items()}
    return [{name: values[i] for name, values in columns.items()} for i in range(n)]


def check_values(name: str, value, n: int) -> list:
    """One condition as a list of n plain values, each allowed; `value` is one for all faces, or one for each."""
    values = np.asarray(value, dtype=object)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != n):
        raise ValueError(f"{name} needs one value, or one for each of the {n} faces; it has shape {values.shape}.")
    values = [value.item() if hasattr(value, "item") else value for value in np.broadcast_to(values, n)]
    return check_choices(name, values) if name in CHOICES else check_numbers(name, values)


def check_choices(name: str, values: list) -> list:
    """Values that are among the choices of their condition; emotions may come as codes."""
    choices = CHOICES[name]
    if choices is CLASSES:
        values = [CLASSES[v] if isinstance(v, int) and 0 <= v < len(CLASSES) else v for v in values]
    for v in values:
        if v not in choices:
            raise ValueError(f"{name} cannot be {v!r}; it is one of: {', '.join(map(str, choices))}.")
    return [bool(v) if choices == (True, False) else v for v in values]


def check_numbers(name: str, values: list) -> list:
    """Numbers within the limits of their condition."""
    low, high = LIMITS.get(name, (-10, 10))
    kind = "whole number" if name in WHOLE else "number"
    for v in values:
        if not isinstance(v, (int, float)) or not low <= v <= high or (name in WHOLE and v != int(v)):
            raise ValueError(f"{name} is a {kind} from {low} to {high}; {v!r} is not.")
    return [int(v) if name in WHOLE else float(v) for v in values]
