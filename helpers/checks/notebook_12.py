"""What is right in the exercises of notebook 12, and the hints for likely mistakes."""

import numpy as np

from helpers import checks

THREE, SEVEN = (
    (1_774, 3_979),
    (1_774, 7_178),
)  # pictures of the most frequent class, and all, in both test sets together


def exercise_1(answer):
    """How many validation pictures show a face that is also in train."""

    def right(held, trained):
        return int(np.isin(held, trained).sum())

    hints = [
        (lambda held, trained: right(trained, held), "Those are the train pictures with a relative in validation."),
        (
            lambda held, trained: len(set(held) & set(trained)),
            "Those are the faces. A face can have several pictures in validation, and each of them counts.",
        ),
        (lambda held, trained: len(held) - right(held, trained), "Those are the pictures without a relative in train."),
        (
            lambda held, trained: int((held[: len(trained)] == trained[: len(held)]).sum()),
            "You compare place by place. A relative may stand anywhere in train.",
        ),
        (lambda held, trained: right(held, trained) / len(held), "That is the share; how many are they?"),
        (
            lambda held, trained: int((held[:, None] == trained).sum()),
            "Those are pairs. A picture with two relatives in train counts once.",
        ),
        (
            lambda held, trained: len(held) - len(set(held)),
            "Those are repeats within validation. Look for the names in train.",
        ),
    ]
    rng, files = np.random.default_rng(3), np.arange(700, 760)  # numbers in place of names
    inputs = [(rng.choice(files, n), rng.choice(files, m)) for n, m in ((20, 40), (30, 12), (9, 9))]
    inputs += [(files[:5], files[10:40]), (files[[1, 1, 2]], files[[1, 5, 1, 1]])]
    return checks.function(answer, right, inputs, hints)


def skill(accuracy: float, majority: float) -> float:
    """What is left above always naming the most frequent class."""
    return (accuracy - majority) / (1 - majority)


def exercise_2(answer):
    """The skill of 0.78 on three classes, and of 0.66 on seven."""
    three, seven = (of / total for of, total in (THREE, SEVEN))
    right = np.array([skill(0.78, three), skill(0.66, seven)])
    uniform = np.array([skill(0.78, 1 / 3), skill(0.66, 1 / 7)])
    even = (
        "That takes a guess among equally frequent classes, 1/3 and 1/7. Always saying the most frequent one gets more."
    )
    hints = [
        (uniform, even),
        (np.array([uniform[0], right[1]]), even),
        (np.array([right[0], uniform[1]]), even),
        (right[::-1], "The right numbers in the wrong order: three classes first."),
        (
            np.array([0.78 - three, 0.66 - seven]),
            "That is the distance from the majority; divide by what was left to gain.",
        ),
        (
            np.array([0.78 / three, 0.66 / seven]),
            "That is a ratio to the majority; skill is 0 there and 1 at perfection.",
        ),
        (
            np.array([skill(0.78, seven), skill(0.66, seven)]),
            "Report 3's test has three classes only: happy is a larger share of those.",
        ),
        (np.array([three, seven]), "Those are the shares of the most frequent class. What is left above them?"),
    ]
    return checks.array(answer, right, [(foreseen, text) for foreseen, text in hints], atol=0.005, rtol=0)
