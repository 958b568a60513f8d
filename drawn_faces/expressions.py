"""Action units, the emotions that they stand for, and what ten annotators would call them.

A drawn face is a *hypothesised prototypical configuration* (EMFACS): each emotion is a distribution over the
intensities of facial action units (AU), from faint to full. What a person feels is neither drawn nor labelled.
"""

import numpy as np

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven expressions, alphabetical; a label is an index into this tuple. The CSV of FER-2013 has another order."""

#: What each action unit does to a face. Intensities run from 0 (absent) to 1 (as strong as a face can).
ACTION_UNITS = {
    "AU1": "raises the inner brows",
    "AU2": "raises the outer brows",
    "AU4": "lowers the brows and draws them together",
    "AU5": "raises the upper lids",
    "AU6": "raises the cheeks",
    "AU7": "tightens the lids",
    "AU9": "wrinkles the nose",
    "AU10": "raises the upper lip",
    "AU12": "pulls the lip corners up",
    "AU15": "pulls the lip corners down",
    "AU17": "raises the chin",
    "AU20": "stretches the lips sideways",
    "AU23": "tightens the lips",
    "AU24": "presses the lips together",
    "AU25": "parts the lips",
    "AU26": "drops the jaw",
    "AU43": "closes the eyes",
}
AUS = tuple(ACTION_UNITS)

#: Variants of each emotion: how often each occurs, and its action units at full strength.
PROTOTYPES = {
    "angry": (
        (0.45, {"AU4": 1.0, "AU5": 0.4, "AU7": 0.7, "AU23": 0.8, "AU24": 0.7, "AU17": 0.4}),
        (0.35, {"AU4": 1.0, "AU7": 0.7, "AU10": 0.7, "AU9": 0.25, "AU20": 0.3, "AU25": 0.9, "AU26": 0.35}),
        (0.20, {"AU4": 1.0, "AU5": 0.4, "AU7": 0.5, "AU10": 0.6, "AU25": 1.0, "AU26": 0.9}),
    ),
    "disgust": (
        (0.3, {"AU9": 1.0, "AU10": 0.9, "AU4": 0.7, "AU7": 0.8, "AU6": 0.7, "AU15": 0.3, "AU17": 0.4, "AU43": 0.5}),
        (0.7, {"AU9": 1.0, "AU10": 1.0, "AU4": 0.7, "AU7": 0.8, "AU6": 0.7, "AU15": 0.3, "AU25": 0.7, "AU43": 0.5}),
    ),
    "fear": (
        (0.4, {"AU1": 1.0, "AU2": 0.3, "AU4": 0.6, "AU5": 1.0, "AU20": 0.8, "AU25": 0.6, "AU26": 0.25}),
        (0.6, {"AU1": 1.0, "AU2": 0.2, "AU4": 0.7, "AU5": 1.0, "AU20": 1.0, "AU25": 0.25}),
    ),
    "happy": (
        (0.80, {"AU6": 0.7, "AU12": 1.0, "AU25": 0.9, "AU26": 0.15}),
        (0.20, {"AU6": 0.5, "AU12": 0.8}),
    ),
    "neutral": ((1.0, {}),),
    "sad": (
        (0.75, {"AU1": 1.0, "AU4": 0.3, "AU15": 0.9, "AU17": 0.5, "AU43": 0.4}),
        (0.25, {"AU1": 1.0, "AU4": 0.5, "AU6": 0.3, "AU15": 0.8, "AU25": 0.4, "AU43": 0.45}),
    ),
    "surprise": ((1.0, {"AU1": 0.9, "AU2": 1.0, "AU5": 0.8, "AU25": 1.0, "AU26": 0.95}),),
}

#: Single votes of FER+'s annotators (columns) on Training images where one emotion (row) won outright.
VOTE_CONFUSION = np.array(
    [
        [0.705, 0.040, 0.028, 0.032, 0.086, 0.043, 0.066],
        [0.133, 0.561, 0.018, 0.023, 0.122, 0.114, 0.029],
        [0.040, 0.018, 0.613, 0.017, 0.058, 0.083, 0.171],
        [0.005, 0.002, 0.002, 0.917, 0.044, 0.006, 0.024],
        [0.032, 0.011, 0.007, 0.032, 0.783, 0.114, 0.021],
        [0.030, 0.016, 0.020, 0.016, 0.177, 0.727, 0.014],
        [0.021, 0.004, 0.088, 0.038, 0.065, 0.014, 0.770],
    ]
)
ANNOTATORS = 10
#: How different two configurations must be for an annotator to tell them apart (squared distance in AU intensities).
BLUR_OF_PERCEPTION = 0.10
#: How often a face means another emotion than its label says: the noise that stays in plurality labels.
MISREAD = 0.08
#: Annotators look for each expression at no less than this share of its full strength; much fainter ones look neutral.
FAINTEST = 0.6

#: Every variant as a vector of action units; the place of each emotion's first; their squared lengths.
VECTORS = np.array([[units.get(name, 0.0) for name in AUS] for emotion in CLASSES for _, units in PROTOTYPES[emotion]])
FIRST = np.cumsum([0] + [len(PROTOTYPES[emotion]) for emotion in CLASSES[:-1]])
LENGTH = np.maximum((VECTORS**2).sum(1), 1e-9)


def sample_expression(
    rng: np.random.Generator, emotion: int, intensity: float | None = None, mixed_with: int | None = None
) -> dict:
    """Action units of one emotion: a variant, an intensity, each unit's own strength, at times a second emotion mixed in."""
    faint, blend_with, pick, blend = rng.random(), int(rng.integers(7)), rng.random(), rng.random()
    strength, drop, idle = rng.random(len(AUS)), rng.random(len(AUS)), rng.random(len(AUS))
    if intensity is None:
        intensity = 0.4 + 0.6 * min(1.0, 2.2 * faint)
    units = intensity * variant(emotion, pick) * (0.75 + 0.4 * strength) * (drop > 0.06)
    blend_share = 0.25 + 0.2 * blend / 0.12 if blend < 0.12 and blend_with != emotion else 0.0
    if mixed_with is not None:
        blend_with, blend_share = mixed_with, 0.5 + 0.2 * blend
    units = (1 - 0.5 * blend_share) * units + blend_share * variant(blend_with, pick) * intensity
    units = units + 0.06 * idle * (idle > 0.6) * (units < 0.1)
    row = dict(zip(AUS, np.clip(units, 0, 1).tolist(), strict=True))
    row.update(intensity=float(intensity), blend=CLASSES[blend_with] if blend_share else "none")
    return row


def variant(emotion: int, pick: float) -> np.ndarray:
    """The prototype vector that a number between 0 and 1 selects among an emotion's variants."""
    first = FIRST[emotion]
    for share, _ in PROTOTYPES[CLASSES[emotion]][:-1]:
        if pick < share:
            break
        pick -= share
        first += 1
    return VECTORS[first]


def perceive(units: np.ndarray) -> np.ndarray:
    """(7,) the share of annotators who would name each emotion: the nearest prototypes, confused as in FER+."""
    along = VECTORS @ units
    scale = np.clip(along / LENGTH, FAINTEST, 1)
    distance = units @ units - 2 * scale * along + scale * scale * LENGTH
    best = np.minimum.reduceat(distance, FIRST)
    seen = np.exp((best.min() - best) / BLUR_OF_PERCEPTION)
    return (seen / seen.sum()) @ VOTE_CONFUSION


def vote(units: np.ndarray, annotators: np.ndarray) -> np.ndarray:
    """(7,) how many of ten annotators vote for each emotion. `annotators` are ten numbers from 0 to 1, one a person."""
    edges = np.cumsum(perceive(units))
    return np.bincount(np.searchsorted(edges, annotators * edges[-1] * (1 - 1e-12)), minlength=len(CLASSES))


def plurality(votes: np.ndarray) -> np.ndarray:
    """The emotion with the most votes; of several, the first in alphabetical order."""
    return np.asarray(votes).argmax(axis=-1)


def sample_labelled(rng: np.random.Generator, label: int, intensity: float | None = None) -> dict:
    """An expression whose plurality is `label`, or the last of 60 tries. At times another was meant: a noisy label."""
    confusion = VOTE_CONFUSION[:, label].copy()
    confusion[label] = 0
    others = np.cumsum(confusion / confusion.sum())
    intended = label
    if rng.random() < MISREAD:
        intended = int(np.searchsorted(others, rng.random() * (1 - 1e-12)))
    for attempt in range(60):
        row = sample_expression(rng, intended, intensity, label if intended != label else None)
        annotators = rng.random(ANNOTATORS)
        votes = vote(np.array([row[name] for name in AUS]), annotators)
        if plurality(votes) == label:
            break
        if attempt == 30:
            intended = label
    row.update(intended=CLASSES[intended], votes=votes, annotators=annotators)
    return row
