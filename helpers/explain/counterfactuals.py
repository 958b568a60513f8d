"""What really moved the decision: the same face redrawn with one action unit removed or added, and the logit beside."""

import numpy as np
import pandas as pd

from drawn_faces import AUS, REGIONS, Faces
from helpers import CLASSES

from .asked import codes, one_of, pictures, whole
from .network import all_logits, of_class, opened
from .regions import ACTIVE, UNIT_REGIONS, drawn, units

COLUMNS = ("face", "class", "unit", "region", "done", "before", "after", "change", "effect")


def counterfactual(model, faces, classes=None, by: str = "unit", names=None, added: bool = True, batch: int = 64):
    """A row for each face and action unit (by="unit") or region (by="region"): what redrawing does to the class's logit.

    A unit that is active is removed; one that is not is added at full strength. By region, all active units whose first
    region it is are removed together. Person, pose, light and grain stay. `names` limits which units or regions;
    with added=False nothing is added, only active units are removed.
    before, after  the class's logit         change  after - before
    effect         logit with the unit minus logit without it: above 0, the unit speaks for the class
    """
    faces, net = drawn(faces), opened(model)
    images = pictures(faces.images, net.shape, net.name)
    batch = whole("batch", batch)
    before = all_logits(net, images, batch)
    classes = before.argmax(axis=1) if classes is None else codes(classes, len(images), net.count, net.name)
    tables = []
    for name, changes, done in plans(faces, one_of("by", by, ("unit", "region")), names, added):
        touched = np.flatnonzero(done != "")
        if not len(touched):
            continue
        some = faces[touched]
        other = some.with_(**{unit: values[touched] for unit, values in changes.items()})
        after = of_class(all_logits(net, pictures(other.images, net.shape, net.name), batch), classes[touched], "logit")
        table = pd.DataFrame({"face": touched, "done": done[touched], "after": after})
        table["before"] = of_class(before[touched], classes[touched], "logit")
        table["region"] = name if by == "region" else UNIT_REGIONS[name][0]
        tables.append(table.assign(unit="all of it" if by == "region" else name))
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    found = pd.concat(tables, ignore_index=True)
    found["class"] = [CLASSES[classes[i]] if net.count == len(CLASSES) else int(classes[i]) for i in found["face"]]
    found["change"] = found["after"] - found["before"]
    found["effect"] = found["change"].where(found["done"] == "added", -found["change"])
    return found.sort_values("face", kind="stable", ignore_index=True)[list(COLUMNS)]


def plans(faces: Faces, by: str, names, added: bool):
    """For each unit or region: its name, the new intensities of its units, and what is done to each face ('' nothing)."""
    known = AUS if by == "unit" else REGIONS
    names = known if names is None else [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in known:
            raise ValueError(f"There is no {by} {name!r}; those there are: {', '.join(known)}.")
    strength = dict(zip(AUS, units(faces).T, strict=True))
    for name in names:
        if by == "unit":
            active = strength[name] >= ACTIVE
            yield name, {name: np.where(active, 0.0, 1.0)}, np.where(active, "removed", "added" if added else "")
            continue
        own = [unit for unit in AUS if UNIT_REGIONS[unit][0] == name]
        new = {unit: np.where(strength[unit] >= ACTIVE, 0.0, strength[unit]) for unit in own}
        touched = np.any([strength[unit] >= ACTIVE for unit in own], axis=0) if own else np.zeros(len(faces), bool)
        yield name, new, np.where(touched, "removed", "")


def decisive(effects: pd.DataFrame, n: int) -> list[str]:
    """For each of n faces, the region (or unit) whose removal lowers the class's logit most; '' where none lowers it.

    `effects` is what `counterfactual` gives. By region, the answer goes into `region_masks(faces, ...)`.
    """
    removed = effects[(effects["done"] == "removed") & (effects["effect"] > 0)]
    best = removed.sort_values("effect", kind="stable").groupby("face").last()
    column = "region" if (effects["unit"] == "all of it").all() else "unit"
    return [str(best[column].get(i, "")) for i in range(n)]
