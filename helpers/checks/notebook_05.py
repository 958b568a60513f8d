"""What is right in the exercises of notebook 05, and the hints for likely mistakes."""

import numpy as np

from helpers import checks
from helpers.checks import RIGHT, WRONG, say


def exercise_1(answer):
    """RandomRotation's factor for ten degrees."""
    hints = [
        (10.0, "The factor is a share of a full turn, not degrees; Keras refuses 10, which would be ten turns."),
        (0.1, "A tenth of a full turn is 36 degrees. Which share of 360 degrees are 10?"),
        (np.pi / 18, "Those are radians. The factor is a share of a full turn."),
        (
            20 / 360,
            "A full turn has 360 degrees, and the factor counts to each side: that would turn by up to 20 degrees.",
        ),
        (5 / 360, "The factor counts to each side: that would turn by up to 5 degrees either way."),
    ]
    return checks.number(answer, 10 / 360, hints)


def movements(layer, pictures: int = 256) -> tuple:
    """How a layer mirrors, turns and stretches each picture, and whether it leaves them alone at test time.

    The pictures show a bright dot to the right of the middle and a dark one below it. Where the two end up is the
    linear map that moved them: a turn, times a stretch in two directions, perhaps times a mirror.
    """
    down, right = np.indices((48, 48)) - 23.5
    dots = np.exp(-((right - 12) ** 2 + down**2) / 8) - np.exp(-(right**2 + (down - 12) ** 2) / 8)
    batch = np.repeat(dots[None, ..., None], pictures, axis=0).astype("float32")
    still, moved = (np.asarray(layer(batch, training=training))[..., 0] for training in (False, True))
    ends = []
    for part in (np.maximum(moved, 0), np.maximum(-moved, 0)):
        weight = part.sum(axis=(1, 2)) + 1e-9
        ends.append([(part * along).sum(axis=(1, 2)) / weight / 12 for along in (right, down)])
    maps = np.transpose(ends, (2, 1, 0))  # column 0: where the dot on the right went, column 1: the one below
    mirrored = np.linalg.det(maps) < 0
    upright = np.where(mirrored[:, None, None], np.array([[-1, 1], [-1, 1]]) * maps, maps)
    turns = np.degrees(np.arctan2(upright[:, 1, 0] - upright[:, 0, 1], upright[:, 0, 0] + upright[:, 1, 1]))
    sizes = np.linalg.svd(maps, compute_uv=False)
    return mirrored, turns, sizes, np.abs(still - batch[..., 0]).max()


def exercise_2(answer):
    """An augmentation that mirrors, turns by up to ten degrees and zooms by up to a tenth."""
    mirrored, turns, sizes, change = movements(answer)
    turn, low, high = np.abs(turns).max(), sizes.min(), sizes.max()
    one_side = turns[~mirrored]  # a mirror after the turn changes its direction
    problems = [
        (change > 1e-5, "It is always on: pictures must pass unchanged when training=False."),
        (np.any(np.abs(turns) > 90), "Some pictures come out upside down: too strong for faces."),
        (not 0.2 < mirrored.mean() < 0.8, "About half of the pictures must come out mirrored, left and right."),
        (turn < 0.5, "Nothing is turned: a layer for the rotation is missing."),
        (not 8 < turn < 11, f"It turns by up to {turn:.0f} degrees; up to 10 were asked for."),
        (
            one_side.min(initial=0) > -5 or one_side.max(initial=0) < 5,
            "It turns to one side only; up to 10 degrees to either side were asked for.",
        ),
        (high < 1.01 and low > 0.99, "The size stays the same: a layer for the zoom is missing."),
        (
            np.any(sizes[:, 0] > 1.04 * sizes[:, 1]),
            "It stretches faces: with two numbers RandomZoom zooms height and width separately. Give it one.",
        ),
        (
            not (0.87 < low < 0.96 and 1.04 < high < 1.14),
            f"The size runs from {low:.2f} to {high:.2f}; about 0.9 to 1.1 was asked for.",
        ),
    ]
    for wrong, text in problems:
        if wrong:
            return say(WRONG, text)
    return say(RIGHT, "Mirrors, turns and zooms as asked while training, and lets pictures pass at test time.")


def exercise_3(answer):
    """Which changes keep the label."""
    reasons = {
        1: "A smile in the mirror is still a smile.",
        2: "Look at the last row of the seven smiles once more: what became of them?",
        3: "Does a head that leans a little have another expression?",
        4: "Is a face in a darker room another expression?",
        5: "Can you tell an expression by the nose alone? Then the label has no support in the picture.",
        6: "Is a face that stands three pixels further left another expression?",
        7: "Lifted corners of the mouth are what makes a smile.",
        8: "Half one expression and half another: the label must be averaged, too (that exists and is called mixup).",
    }
    return checks.chosen(answer, (1, 3, 4, 6), reasons)
