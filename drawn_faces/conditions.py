"""From an order (which world, which face, which label) to a complete description of a photograph, and its checks."""

import numpy as np

from .anatomy import AUS, CLASSES, draw_expression, draw_labelled, plurality, vote
from .people import AGE_GROUPS, BEARDS, HAIR, OCCLUDERS, draw_person, draw_photo
from .render import stream

#: FER-2013's Training images by class, in the order of CLASSES.
FER_COUNTS = (3995, 436, 4097, 7215, 4965, 4830, 3171)
CHOICES = {
    "age_group": AGE_GROUPS,
    "hair": HAIR,
    "beard": BEARDS,
    "occluder": OCCLUDERS,
    "intended": CLASSES,
    "glasses": (True, False),
    "dark_glasses": (True, False),
}
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
HIDDEN = ("votes", "annotators", "frame")


def order_row(order: dict) -> dict:
    """Every condition of one face. `order` has seed, index, label, identity and what the caller fixed."""
    seed, index, fixed = order["seed"], order["index"], order["fixed"]
    row = {"index": index, "identity": order["identity"]}
    row.update(draw_person(stream(seed, 1, order["identity"])))
    row.update({name: value for name, value in fixed.items() if name in row})
    row.update(draw_photo(stream(seed, 2, index), int(row["tone"])))
    row.update(draw_labelled(stream(seed, 3, index), order["label"], fixed.get("intensity")))
    if "intended" in fixed and fixed["intended"] != row["intended"]:
        row.update(other_expression(seed, index, row, fixed["intended"], row["intensity"]))
    row.update(fixed)
    return settle(row)


def other_expression(seed: int, index: int, row: dict, intended: str, intensity: float) -> dict:
    """The action units of another emotion or strength for the same face."""
    drawn = draw_expression(stream(seed, 6, index, CLASSES.index(intended)), CLASSES.index(intended), intensity)
    return {**drawn, "intended": intended}


def settle(row: dict) -> dict:
    """Columns that follow from others: the ten votes, their plurality, whether the light is too low."""
    row["votes"] = vote(np.array([row[name] for name in AUS]), row["annotators"])
    row["emotion"] = CLASSES[int(plurality(row["votes"]))]
    row["underexposed"] = bool(row["light_level"] < 0.35)
    return row


def change_row(row: dict, seed: int, changes: dict) -> dict:
    """The same face with some conditions changed; a changed identity or emotion is drawn afresh."""
    changes = {name: value for name, value in changes.items() if row[name] != value}
    if not changes:
        return row
    new = dict(row)
    if "identity" in changes:
        new.update(draw_person(stream(seed, 1, changes["identity"])))
    if "intended" in changes or "intensity" in changes:
        intended = changes.get("intended", row["intended"])
        intensity = changes.get("intensity", row["intensity"])
        new.update(other_expression(seed, row["index"], row, intended, intensity))
    new.update(changes)
    return settle(new)


def conditions() -> tuple[str, ...]:
    """The names of everything that can be fixed or changed."""
    row = order_row({"seed": 0, "index": 0, "label": 0, "identity": 0, "fixed": {}})
    return tuple(name for name in row if name not in (*HIDDEN, "index", "emotion", "underexposed", "blend"))


def check_changes(changes: dict, n: int) -> list[dict]:
    """What the caller fixes or changes, checked, as one dict a face. `frontal=True` and `emotion=` are short forms."""
    changes = dict(changes)
    if "emotion" in changes:
        changes["intended"] = changes.pop("emotion")
    if changes.pop("frontal", False):
        changes.update(roll=0.0, yaw=0.0, pitch=0.0)
    known = conditions()
    for name in changes:
        if name not in known:
            raise ValueError(f"A drawn face has no condition {name!r}; those it has: {', '.join(known)}.")
    columns = {name: check_values(name, value, n) for name, value in changes.items()}
    return [{name: values[i] for name, values in columns.items()} for i in range(n)]


def check_values(name: str, value, n: int) -> list:
    """One condition as a list of n plain values, each allowed."""
    values = np.asarray(value)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != n):
        raise ValueError(f"{name} needs one value, or one for each of the {n} faces; it has shape {values.shape}.")
    values = [value.item() if hasattr(value, "item") else value for value in np.broadcast_to(values, n)]
    if name == "intended":
        values = [CLASSES[v] if isinstance(v, int) and 0 <= v < len(CLASSES) else v for v in values]
    if name in CHOICES:
        wrong = [v for v in values if v not in CHOICES[name]]
        if wrong:
            allowed = ", ".join(map(str, CHOICES[name]))
            raise ValueError(f"{name} cannot be {wrong[0]!r}; it is one of: {allowed}.")
        return [bool(v) if name.endswith("glasses") else str(v) for v in values]
    low, high = LIMITS.get(name, (-10, 10))
    for v in values:
        if isinstance(v, str) or not low <= v <= high:
            raise ValueError(f"{name} is a number from {low} to {high}; {v!r} is not.")
    whole = name in ("tone", "identity", "jpeg")
    if whole and any(v != int(v) for v in values):
        raise ValueError(f"{name} is a whole number from {low} to {high}.")
    return [int(v) if whole else float(v) for v in values]
