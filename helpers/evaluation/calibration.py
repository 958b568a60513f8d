"""Whether a probability of 0.8 is right eight times in ten, and the one number that can mend it."""

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import log_softmax, softmax

from .arrays import checked
from .intervals import wilson

COLDEST, HOTTEST = 0.05, 20.0  # where the search for a temperature ends


def reliability(labels, probabilities, bins: int = 10) -> pd.DataFrame:
    """How often the net is right where it is so sure: a row for each bin of its highest probability that holds images."""
    labels, probabilities = checked(labels, probabilities)
    images, sure, right, edges = binned(labels, probabilities, bins)
    filled = np.flatnonzero(images)
    ends = [wilson(int(right[i]), int(images[i])) for i in filled]
    return pd.DataFrame(
        {
            "confidence": sure[filled] / images[filled],
            "accuracy": right[filled] / images[filled],
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "images": images[filled],
        },
        index=pd.Index([f"{edges[i]:.2f}-{edges[i + 1]:.2f}" for i in filled], name="bin"),
    )


def ece(labels, probabilities, bins: int = 10) -> float:
    """The expected calibration error: |confidence - accuracy| of each bin, averaged over the images.

    Chance alone makes it larger than 0, the more so the fewer images a bin holds.
    """
    images, sure, right, _ = binned(*checked(labels, probabilities), bins)
    return float(np.abs(sure - right).sum() / images.sum())


def binned(labels: np.ndarray, probabilities: np.ndarray, bins: int) -> tuple[np.ndarray, ...]:
    """Images, summed confidence and hits in each bin (lower, upper], and the bins' edges."""
    if bins < 1:
        raise ValueError(f"There must be at least one bin; got bins={bins}.")
    edges = np.linspace(0, 1, bins + 1)
    confidence = probabilities.max(axis=1).astype(np.float64)
    place = np.clip(np.digitize(confidence, edges, right=True) - 1, 0, bins - 1)
    hit = probabilities.argmax(axis=1) == labels
    images = np.bincount(place, minlength=bins)
    return images, np.bincount(place, confidence, bins), np.bincount(place, hit, bins), edges


def nll(labels, probabilities) -> float:
    """The negative log likelihood (cross-entropy): the mean of -log of the label's probability."""
    labels, probabilities = checked(labels, probabilities)
    return float(-log_softmax(logs(probabilities), axis=1)[np.arange(len(labels)), labels].mean())


def brier(labels, probabilities) -> float:
    """The Brier score: the squared distance from certainty of what is right, 0 at best, 2 at worst, averaged over images."""
    labels, probabilities = checked(labels, probabilities)
    truth = np.eye(probabilities.shape[1])[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def temperature(labels, probabilities) -> float:
    """The T that makes `tempered` probabilities likeliest: above 1 for a net too sure of itself. Fit it on validation images.

    The negative log likelihood is convex in 1/T, so its slope is 0 at the one minimum. Where it keeps falling, as it does
    for a net that is right (or wrong) on every image, T is the end of the search: 0.05 (or 20).
    """
    labels, probabilities = checked(labels, probabilities)
    scores = logs(probabilities)
    of_label = scores[np.arange(len(labels)), labels]

    def slope(inverse: float) -> float:
        return float(((softmax(inverse * scores, axis=1) * scores).sum(axis=1) - of_label).mean())

    if slope(1 / HOTTEST) >= 0:
        return HOTTEST
    if slope(1 / COLDEST) <= 0:
        return COLDEST
    return 1 / brentq(slope, 1 / HOTTEST, 1 / COLDEST, xtol=1e-12)


def tempered(probabilities, T: float) -> np.ndarray:
    """The probabilities at temperature T: softmax(log p / T). The order of the classes stays, so the answers do too."""
    probabilities = np.asarray(probabilities)
    if not (np.isfinite(T) and T > 0):
        raise ValueError(f"A temperature is a number above 0; got {T}.")
    checked(np.zeros(len(probabilities), int), probabilities)
    return softmax(logs(probabilities) / T, axis=1)


def logs(probabilities: np.ndarray) -> np.ndarray:
    """Their logarithms, logits up to a constant; a 0 is a number too small to be stored and counts as the smallest stored."""
    probabilities = probabilities.astype(np.float64)
    return np.log(np.maximum(probabilities, min(1e-7, probabilities[probabilities > 0].min())))
