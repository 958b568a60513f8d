"""What is right in the exercises of notebook 17, and the hints for likely mistakes."""

import math
import re

import numpy as np

from helpers import checks, evaluation
from helpers.checks import RIGHT, WRONG, say

#: The parts of a model card: words of a heading that opens each, and what belongs there.
PARTS = {
    "not for": (
        r"\bnot (be |to be )?(for|used|meant|intended)|out[- ]of[- ]scope|misuse|prohibited",
        "uses that you rule out",
    ),
    "limits": (
        r"limit|caveat|weakness|cannot|can not|known (problems|failures)",
        "where it fails, what was not tested",
    ),
    "by group": (r"group|\btones?\b|fairness|disaggregat|skin|by age|by light", "the scores of each group"),
    "licence": (r"licen[cs]e|rights|terms", "who may copy it"),
    "contact": (r"contact|maintainer|whom? to ask|questions|author|responsible", "whom to ask or to tell"),
    "intended use": (r"\buses?\b|\busage\b|purpose|\bfor what\b", "who may use it, and for what"),
    "data": (r"\bdata\b|dataset|trained on|training set", "what it was trained and tested on"),
    "metrics": (r"metric|result|score|performance|evaluation|accuracy", "a score with its interval"),
}
INTERVAL = r"\[\s*[-+−]?\d*\.?\d+\s*%?\s*(,|to|–|-)\s*[-+−]?\d*\.?\d+\s*%?\s*\]|±\s*\d*\.?\d+|\+/?-\s*\d*\.?\d+|\d\s*(to|–)\s*0?\.\d+"


def exercise_1(answer):
    """How many faces an interval of a given width needs."""

    def needed(half_width, share, z=1.96, rounded=math.ceil):
        return rounded((z / half_width) ** 2 * share * (1 - share))

    hints = [
        (lambda w, p: needed(w, p, rounded=float), "Faces come whole: round up, or the interval is a little too wide."),
        (lambda w, p: needed(w, p, rounded=math.floor), "Rounded down, the interval is a little too wide: round up."),
        (lambda w, p: needed(w, p, z=1), "That is one standard error; 95% of the results lie within 1.96 of them."),
        (lambda w, p: needed(w / 2, p), "half_width is one side already: plus or minus so much."),
        (lambda w, p: needed(2 * w, p), "half_width is one side; you took it for the whole interval."),
        (lambda w, p: needed(w, 0.5), "That is the worst case, a share of 0.5, whatever the share is."),
        (lambda w, p: math.ceil((1.96 / w) ** 2 * p), "The variance of a hit is share * (1 - share)."),
        (
            lambda w, p: math.ceil(1.96 / w * math.sqrt(p * (1 - p))),
            "Half the width needs four times the faces: solve for n, which stands under a root.",
        ),
    ]
    inputs = [(0.12, 0.5), (0.1, 0.5), (0.05, 0.5), (0.03, 0.72), (0.1, 0.9), (0.2, 0.35)]
    return checks.function(answer, needed, inputs, hints)


def newcombe(right, other) -> tuple[float, float, float]:
    """The difference of two shares of other faces, `other` minus `right`, with Newcombe's interval."""
    p, q = right.mean(), other.mean()
    (low, high), (low_q, high_q) = (evaluation.wilson(int(of.sum()), len(of)) for of in (right, other))
    return q - p, q - p - math.hypot(q - low_q, high - p), q - p + math.hypot(high_q - q, p - low)


def exercise_2(answer):
    """The gap of the worst group that has enough faces, with its interval."""

    def gap(right, group, least, pick=min, against="others", sign=1, few=False, interval=True):
        right, group = np.asarray(right, bool), np.asarray(group)
        names = [name for name in np.unique(group) if few or (group == name).sum() >= least]
        name = pick(names, key=lambda one: right[group == one].mean())
        best = max(names, key=lambda one: right[group == one].mean())
        others = {"others": right[group != name], "all": right, "best": right[group == best]}[against]
        found = newcombe(right[group == name], others)
        found = found if sign > 0 else (-found[0], -found[2], -found[1])
        return found if interval else found[0]

    def wald(right, group, least):
        right, group = np.asarray(right, bool), np.asarray(group)
        names = [name for name in np.unique(group) if (group == name).sum() >= least]
        here = group == min(names, key=lambda one: right[group == one].mean())
        p, q, n, m = right[here].mean(), right[~here].mean(), here.sum(), (~here).sum()
        width = 1.96 * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
        return q - p, q - p - width, q - p + width

    hints = [
        (
            lambda r, g, k: gap(r, g, k, few=True),
            "Your worst group has fewer than `least` faces, in one case 5. A gap needs an n: of many small groups "
            "one is always far off by chance. Leave them out before you look for the worst.",
        ),
        (lambda r, g, k: gap(r, g, k, sign=-1), "The sign is turned round: the others minus the group."),
        (lambda r, g, k: gap(r, g, k, against="all"), "All *other* faces: the group itself is not among them."),
        (
            lambda r, g, k: gap(r, g, k, against="best"),
            "That is the gap to the best group; all other faces were asked for.",
        ),
        (lambda r, g, k: gap(r, g, k, pick=max), "That is the best group's gap."),
        (lambda r, g, k: gap(r, g, k, interval=False), "The gap is right; its interval is missing: return all three."),
        (wald, "The gap is right. Its interval is the +-1.96 standard errors one; `difference` gives the better one."),
    ]
    draw, inputs = np.random.default_rng(17), []
    for sizes, shares in (
        ((90, 70, 5), (0.7, 0.5, 0.0)),
        ((120, 80, 66, 9), (0.6, 0.62, 0.4, 0.2)),
        ((5, 200, 150), (0, 0.8, 0.71)),
    ):
        group = np.repeat(np.arange(len(sizes)), sizes)
        right = np.concatenate(
            [draw.permutation(np.arange(n) < round(n * p)) for n, p in zip(sizes, shares, strict=True)]
        )
        order = draw.permutation(len(group))
        inputs.append((right[order], group[order], 60))
    return checks.function(answer, gap, inputs, hints, atol=1e-6)


def sections(card: str) -> dict[str, str]:
    """Heading -> text of a card in Markdown: headings are lines with # or in bold, and bold words that open a line."""
    found, heading = {}, ""
    for line in card.splitlines():
        opened = re.match(r"\s*(?:#+\s*(?P<a>[^#].*)|(?:[-*]\s+)?\*\*(?P<b>[^*]+)\*\*(?P<rest>.*))$", line)
        if opened:
            heading = (opened["a"] or opened["b"]).strip(" :.*").lower()
            line = (opened["rest"] or "").strip(" :.")
        found[heading] = f"{found.get(heading, '')}\n{line}".strip()
    return found


def parts_of(card: str) -> dict[str, str]:
    """Part of a model card -> its text, for each part that the card has; each heading opens the first that it fits."""
    found = {}
    for heading, text in sections(card).items():
        part = next(
            (name for name, (words, _) in PARTS.items() if name not in found and re.search(words, heading)), None
        )
        if part:
            found[part] = text
    return found


def exercise_3(answer):
    """A model card has its parts, none of them empty, and its scores have intervals."""
    if not isinstance(answer, str):
        return say(WRONG, f"A card is a text, in quotes; this is {checks.brief(answer)}.")
    found = parts_of(answer)
    order = ("intended use", "data", "metrics", "by group", "limits", "not for", "licence", "contact")
    for part in order:
        if part not in found:
            return say(
                WRONG, f"There is no heading for *{part}*: {PARTS[part][1]}. A heading is a line that starts with #."
            )
        if len(re.findall(r"\w+", found[part])) < 2:
            return say(WRONG, f"*{part}* is empty: {PARTS[part][1]}.")
    for part in ("metrics", "by group"):
        if not re.search(INTERVAL, found[part]):
            return say(WRONG, f"*{part}* has no interval: 0.60 [0.55, 0.65], say. A score without one is no evidence.")
    if not re.search(r"\b(n\s*=\s*)?\d{2,}\b", re.sub(r"\d*\.\d+", "", found["by group"])):
        return say(WRONG, "*by group* does not say how many faces stand behind each score: a gap needs an n.")
    if not re.search(r"drawn|synthetic|drawing", answer, re.I):
        return say(
            WRONG,
            "The card does not say that the groups were measured on *drawn* faces. A reader will take them for people.",
        )
    return say(
        RIGHT, "All eight parts are there, and the scores have intervals. Whether it is honest, only a reader can say."
    )
