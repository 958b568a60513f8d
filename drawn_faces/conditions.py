"""The conditions of a face, all that decides how it is drawn: sampled, fixed by the caller, or changed afterwards.

They stand in a dict, one a face, which is also a row of the truth.
"""

import numpy as np

from .expressions import AUS, CLASSES, plurality, sample_expression, sample_labelled, vote
from .people import sample_person, sample_shot
from .streams import stream

#: Conditions that the table of the truth leaves out: `votes` stand beside it; the other two only serve the drawing.
HIDDEN = ("votes", "annotators", "frame")
#: Conditions that follow from others, and so can be neither fixed nor changed.
DERIVED = ("votes", "emotion", "underexposed")


def all_conditions(seed: int, index: int, label: int, identity: int, fixed: dict) -> dict:
    """Every condition of face `index`, a photograph of the person `identity`: as `fixed` says, the rest sampled.

    The expression is sampled such that the annotators' plurality is `label`; what is fixed may overrule that.
    """
    row = {"index": index, "identity": identity}
    row.update(sample_person(stream(seed, "person", identity)))
    row.update({name: value for name, value in fixed.items() if name in row})
    row.update(sample_shot(stream(seed, "shot", index), row["tone"]))
    row.update(sample_labelled(stream(seed, "expression", index), label, fixed.get("intensity")))
    if "intended" in fixed and fixed["intended"] != row["intended"]:
        row.update(other_expression(seed, index, fixed["intended"], row["intensity"]))
    row.update(fixed)
    return derive(row)


def change(row: dict, seed: int, changes: dict) -> dict:
    """The same face with some conditions changed; a new identity, emotion or intensity is sampled from its own stream."""
    changes = {name: value for name, value in changes.items() if row[name] != value}
    if not changes:
        return row
    new = dict(row)
    if "identity" in changes:
        new.update(sample_person(stream(seed, "person", changes["identity"])))
    if "intended" in changes or "intensity" in changes:
        intended, intensity = (changes.get(name, row[name]) for name in ("intended", "intensity"))
        new.update(other_expression(seed, row["index"], intended, intensity))
    new.update(changes)
    return derive(new)


def other_expression(seed: int, index: int, intended: str, intensity: float) -> dict:
    """The action units of face `index` for another emotion or intensity."""
    emotion = CLASSES.index(intended)
    expression = sample_expression(stream(seed, "other expression", index, emotion), emotion, intensity)
    return {**expression, "intended": intended}


def derive(row: dict) -> dict:
    """`row` with the conditions that follow from others: ten votes, their plurality, whether the light is too low."""
    row["votes"] = vote(np.array([row[name] for name in AUS]), row["annotators"])
    row["emotion"] = CLASSES[int(plurality(row["votes"]))]
    row["underexposed"] = bool(row["light_level"] < 0.35)
    return row


def condition_names() -> tuple[str, ...]:
    """The names of everything that can be fixed or changed."""
    row = all_conditions(seed=0, index=0, label=0, identity=0, fixed={})
    return tuple(name for name in row if name not in (*HIDDEN, *DERIVED, "index", "blend"))
