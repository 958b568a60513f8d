"""What is right in the exercises of notebook 10, and the hints for likely mistakes."""

import numpy as np

from helpers import CLASSES, checks


def exercise_1(answer, cases):
    """How far the score drops when a window is covered."""

    def drops(score, face, window, stride, fill=None, fresh=True):
        tops, lefts = (range(0, side - window + 1, stride) for side in face.shape)
        found, covered = np.zeros((len(tops), len(lefts))), face.astype(float)
        for place in np.ndindex(found.shape):
            top, left = tops[place[0]], lefts[place[1]]
            covered = face.astype(float) if fresh else covered
            own = covered[top : top + window, left : left + window]
            own[:] = face.mean() if fill is None else own.mean() if fill == "own" else fill
            found[place] = score(face[None])[0] - score(covered[None])[0]
        return found

    hints = [
        (
            lambda *case: drops(*case)[..., None],
            "One number a window: score gives an array of one number, take its [0].",
        ),
        (
            lambda *case: drops(*case, fresh=False),
            "Each window stays covered while the next one is tried: cover a fresh copy of the face for each window.",
        ),
        (lambda *case: drops(*case).ravel(), "The right numbers in one row: a row for each row of windows is wanted."),
        (lambda *case: drops(*case).T, "The axes are swapped: rows of windows go down the picture, columns across."),
        (lambda *case: -drops(*case), "The sign is reversed: a drop is above 0 where covering lowers the score."),
        (lambda *case: np.abs(drops(*case)), "A drop may be below 0: covering a window can raise the score."),
        (lambda *case: drops(*case, fill=0), "You cover with black; the mean of the face was asked for."),
        (
            lambda *case: drops(*case, fill="own"),
            "You cover with the window's own mean; the mean of the whole face was asked for.",
        ),
        (
            lambda s, f, w, t: s(f[None])[0] - drops(s, f, w, t),
            "Those are the scores with the window covered, not the drops.",
        ),
    ]
    return checks.function(answer, drops, cases, hints, atol=1e-4)


def exercise_2(answer):
    """The share of each map that lies inside."""

    def mass(maps, inside, axes=(1, 2)):
        return (maps * inside).sum(axis=axes) / maps.sum(axis=axes)

    hints = [
        (lambda m, i: mass(m, i, None), "One number for each map, not one for all of them."),
        (lambda m, i: 1 - mass(m, i), "That is what lies outside."),
        (lambda m, i: (m * i).sum(axis=(1, 2)), "Divide by the sum of the whole map: maps are not equally strong."),
        (lambda m, i: i.mean(axis=(1, 2)), "That is the area of the region; the map does not come in."),
        (
            lambda m, i: (m * i).sum(axis=(1, 2)) / i.sum(axis=(1, 2)),
            "Divide by the sum of the map, not by the region's size.",
        ),
        (lambda m, i: (m * i).max(axis=(1, 2)) / m.max(axis=(1, 2)), "Add up all of a map, not its strongest pixel."),
    ]
    rng = np.random.default_rng(11)
    shapes = (((4, 6, 9), 0.3), ((3, 8, 8), 0.6), ((5, 7, 4), 0.2))
    inputs = [(rng.random(shape) ** 3, rng.random(shape) < share) for shape, share in shapes]
    return checks.function(answer, mass, inputs, hints)


def exercise_3(answer):
    """Which conclusions a map allows."""
    reasons = {
        1: "What about a map that does not care about the weights?",
        2: "A map of the edges of another face changes, too. Passing is necessary, not sufficient.",
        3: "The edges lie on the mouth, too, and know no network. That is plausible, no more.",
        4: "What about the face that was changed in one thing only?",
        5: "Perhaps the network does use the background: then the map is right.",
        6: "On a scale of its own every map has the same darkest colour.",
    }
    return checks.chosen(answer, (1, 4), reasons)


def exercise_4(answer, logits, fooled, plain, without_dot, with_dot):
    """By how much the dot raises the logit of happy in the fooled network; `plain` never saw a dot."""

    def probabilities(values):
        return np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)

    happy = CLASSES.index("happy")
    after, before = logits(fooled, with_dot), logits(fooled, without_dot)
    rises, shares = after - before, (probabilities(after), probabilities(before))
    honest = logits(plain, with_dot) - logits(plain, without_dot)
    hints = [
        (-rises[:, happy], "The sign is reversed: with the dot minus without it."),
        (rises, "Those are the rises of all seven logits; take that of happy."),
        (rises[:, happy].mean(), "That is their mean; a number for each face is wanted."),
        ((shares[0] - shares[1])[:, happy], "Those are probabilities; compare logits."),
        (
            np.log(shares[0] / shares[1])[:, happy],
            "The logarithm of a probability still mixes all classes; explain.logits gives the logit.",
        ),
        (honest[:, happy], "That is the baseline that never saw a dot; ask the network `fooled`."),
        (after[:, happy], "Those are the logits with the dot; take away those without it."),
    ]
    return checks.array(answer, rises[:, happy], hints, atol=1e-4)
