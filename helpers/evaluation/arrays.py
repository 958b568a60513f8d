"""Whether labels and probabilities are what they should be; if not, a sentence says what they are."""

import numpy as np

TOLERANCE = 0.02  # probabilities stored in half precision add up to 1 only nearly


def checked(labels, probabilities) -> tuple[np.ndarray, np.ndarray]:
    """Labels as whole numbers, probabilities as a table with a row an image and a column a class."""
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise ValueError(f"Probabilities need a row an image and a column a class; got shape {probabilities.shape}.")
    if not np.issubdtype(probabilities.dtype, np.floating):
        raise ValueError(
            f"Probabilities are fractions; got {probabilities.dtype}. Are these classes, not probabilities?"
        )
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"Labels need one whole number an image; got {labels.dtype} of shape {labels.shape}.")
    if len(labels) != len(probabilities) or not len(labels):
        raise ValueError(f"There must be as many labels as predictions: {len(labels)} against {len(probabilities)}.")
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"Labels run from {labels.min()} to {labels.max()}, but the {probabilities.shape[1]} columns of the "
            f"probabilities stand for classes 0 to {probabilities.shape[1] - 1}."
        )
    if not np.isfinite(probabilities).all():
        rows = np.flatnonzero(~np.isfinite(probabilities).all(axis=1))
        raise ValueError(
            f"{len(rows)} predictions are not numbers (nan or infinite), the first that of image {rows[0]}."
        )
    sums = probabilities.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero((np.abs(sums - 1) > TOLERANCE) | (probabilities.min(axis=1) < 0))
    if len(wrong):
        raise ValueError(
            f"Each row must hold probabilities, at least 0, that add up to 1; image {wrong[0]} has "
            f"{np.array2string(probabilities[wrong[0]], precision=3)}. If these are logits, take their softmax first."
        )
    return labels.astype(np.int64), probabilities.astype(np.promote_types(probabilities.dtype, np.float32))
