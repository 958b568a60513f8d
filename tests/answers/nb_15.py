"""The exercises of notebook 15: right answers, and wrong ones with a word of the hint they must get."""

COUNT = "def separable(side, kernel, before, after):\n    "
GIVEN = (
    'public, public_labels = (run := runs.reference("mini_xception_of_fer_publictest")).probabilities, run.labels\n'
    'private, private_labels = (run := runs.reference("mini_xception_of_fer")).probabilities, run.labels\n'
)
FIT = f"{GIVEN}T = evaluation.temperature(public_labels, public)\n"
TEMPER = "logits = np.log(private.astype(float) + 1e-7) / T\nat_T = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"
ANSWER = "answer = (T, at_T)"
INTERVAL = "def clip_interval(a, b):\n    rng = np.random.default_rng(7)\n    "
SAMPLED = "rng.integers(0, len(a), (3000, len(a)))"

ANSWERS = [
    {
        "right": [
            f"{COUNT}n = before * (kernel**2 + after)\n    return n, n * side**2",
            f"{COUNT}n = before * kernel * kernel + after * before\n    return [float(n), n * side * side]",
            f"{COUNT}return np.array([1, side**2]) * (before * kernel**2 + before * after)",
        ],
        "wrong": [
            (f"{COUNT}n = before * after * kernel**2\n    return n, n * side**2", "ordinary"),
            (f"{COUNT}n = before * kernel**2 + before * after\n    return n, n", "every place"),
            (f"{COUNT}n = before * kernel**2 + before * after\n    return n, n * side", "places"),
            (f"{COUNT}n = before * kernel**2\n    return n, n * side**2", "1x1"),
            (f"{COUNT}n = before * after\n    return n, n * side**2", "depthwise"),
            (f"{COUNT}n = before * kernel**2 + before * after + after\n    return n, n * side**2", "without bias"),
            (f"{COUNT}n = before * kernel**2 + before * after\n    return n * side**2, n", "other way round"),
            (f"{COUNT}return before * kernel**2 + before * after", "shape"),
        ],
    },
    {
        "right": [
            f"{FIT}at_T = evaluation.tempered(private, T)\n{ANSWER}",
            f"{FIT}T = round(T, 2)\n{TEMPER}answer = [T, at_T]",
            f"{FIT}{TEMPER}answer = (np.float32(T), at_T.tolist())",
        ],
        "wrong": [
            (f"{FIT}T = evaluation.temperature(private_labels, private)\n{TEMPER}{ANSWER}", "fitted on the test"),
            (f"{FIT}T = 1 / T\n{TEMPER}{ANSWER}", "1/T"),
            (f"{FIT}T = 1.0\n{TEMPER}{ANSWER}", "nothing changes"),
            (f"{FIT}T = 1.05 * T\n{TEMPER}{ANSWER}", "too high"),
            (f"{FIT}at_T = private / T\n{ANSWER}", "sum to 1"),
            (
                f"{FIT}at_T = np.exp(private / T) / np.exp(private / T).sum(axis=1, keepdims=True)\n{ANSWER}",
                "logarithm",
            ),
            (f"{FIT}at_T = private\n{ANSWER}", "apply T"),
            (f"{FIT}at_T = evaluation.tempered(private, T)[:, ::-1]\n{ANSWER}", "changed"),
            (f"{FIT}answer = T", "pair"),
        ],
    },
    {
        "right": [
            f"{INTERVAL}return np.quantile([(b - a)[rng.choice(len(a), len(a))].mean() for _ in range(3000)], [0.025, 0.975])",
            f"{INTERVAL}rows = {SAMPLED}\n    return np.quantile(b[rows].mean((1, 2)) - a[rows].mean((1, 2)), [0.025, 0.975])",
            f"{INTERVAL}return evaluation.bootstrap(lambda x, y: (y - x).mean(), a, b, resamples=3000)",
        ],
        "wrong": [
            (f"{INTERVAL}return np.quantile((a - b)[{SAMPLED}].mean((1, 2)), [0.025, 0.975])", "a - b"),
            (
                f"{INTERVAL}cells = (b - a).ravel()\n    means = rng.choice(cells, (3000, len(cells))).mean(axis=1)\n"
                "    return np.quantile(means, [0.025, 0.975])",
                "narrow",
            ),
            (
                f"{INTERVAL}means = b[{SAMPLED}].mean((1, 2)) - a[{SAMPLED}].mean((1, 2))\n"
                "    return np.quantile(means, [0.025, 0.975])",
                "wide",
            ),
            (f"{INTERVAL}return np.quantile((b - a).mean(axis=1), [0.025, 0.975])", "single clips"),
            (f"{INTERVAL}return (b - a).mean()", "shape"),
        ],
    },
]
