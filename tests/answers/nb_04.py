"""The exercises of notebook 04: right answers, and wrong ones with a word of the hint they must get."""

STOP = "def epochs_run(losses, patience):\n    "
LOOP = (
    f"{STOP}best, waited = losses[0], 0\n    for epoch in range(1, len(losses)):\n"
    "        waited = 0 if losses[epoch] < best else waited + 1\n        best = min(best, losses[epoch])\n"
    "        if waited >= patience:\n            return epoch + 1\n    return len(losses)"
)
TEST = "def mcnemar(b, c):\n    "
AREA = "def auc(positives, negatives):\n    "
PAIRS = "positives[:, None] {} negatives[None, :]"

ANSWERS = [
    {
        "right": [
            f"{STOP}return watch(losses, patience=patience)[0]",
            f"{STOP}for n in range(patience + 1, len(losses) + 1):\n"
            "        if n - 1 - int(np.argmin(losses[:n])) >= patience:\n            return np.float32(n)\n"
            "    return len(losses)",
            LOOP.replace("epoch + 1\n", "[epoch + 1]\n"),
        ],
        "wrong": [
            (LOOP.replace("losses[epoch] < best", "losses[epoch] <= losses[epoch - 1]"), "rises"),
            (LOOP.replace("epoch + 1\n", "epoch\n"), "counts epochs from 0"),
            (f"{STOP}return watch(losses, patience=patience)[0] - 1", "counts epochs from 0"),
            (LOOP.replace(">= patience", "> patience"), "one too many"),
            (LOOP.replace("    return len(losses)", "    return None"), "branch"),
            (f"{STOP}return len(losses)", "early"),
            (f"{STOP}return int(np.argmin(losses)) + 1", "best epoch"),
            (f"{STOP}return min(len(losses), int(np.argmin(losses)) + 1 + patience)", "one by one"),
            (f"{STOP}return int(np.argmin(losses)) + 1 + patience", "wrong on"),
        ],
    },
    {
        "right": [
            f"{TEST}return evaluation.mcnemar(b, c)",
            f"{TEST}return np.float32(stats.binomtest(b, b + c).pvalue if b + c else 1.0)",
            f"{TEST}chances = stats.binom.pmf(np.arange(b + c + 1), b + c, 0.5)\n"
            "    return [chances[np.abs(np.arange(b + c + 1) - (b + c) / 2) >= abs(b - c) / 2].sum()]",
        ],
        "wrong": [
            (f"{TEST}return stats.binom.cdf(min(b, c), b + c, 0.5)", "one tail"),
            (f"{TEST}return 2 * stats.binom.cdf(min(b, c), b + c, 0.5)", "cut it off"),
            (f"{TEST}return stats.chi2.sf((b - c) ** 2 / max(b + c, 1), 1)", "chi-squared"),
            (f"{TEST}return stats.chi2.sf(max(abs(b - c) - 1, 0) ** 2 / max(b + c, 1), 1)", "chi-squared"),
            (f"{TEST}return stats.binom.pmf(b, b + c, 0.5)", "exactly this result"),
            (f"{TEST}return min(1, 2 * stats.binom.cdf(b, b + c, 0.5))", "smaller"),
            (f"{TEST}return stats.binomtest(b, b + c).pvalue if b + c else None", "branch"),
            (f"{TEST}return stats.binomtest(b, b + c).pvalue", "0, 0"),
            (f"{TEST}return 1.0", "wrong on"),
        ],
    },
    {
        "right": [
            f"{AREA}return roc_auc_score(np.r_[np.ones(len(positives)), np.zeros(len(negatives))], np.r_[positives, negatives])",
            f"{AREA}return np.float32(((np.sign(positives[:, None] - negatives) + 1) / 2).mean())",
            f"{AREA}return sum((p > n) + (p == n) / 2 for p in positives for n in negatives) / len(positives) / len(negatives)",
        ],
        "wrong": [
            (f"{AREA}return ({PAIRS.format('>')}).mean()", "ties"),
            (f"{AREA}return ({PAIRS.format('>=')}).mean()", "half, not whole"),
            (f"{AREA}return ({PAIRS.format('<')}).mean() + ({PAIRS.format('==')}).mean() / 2", "other way round"),
            (f"{AREA}return ({PAIRS.format('>')}).sum() + ({PAIRS.format('==')}).sum() / 2", "divide"),
            (f"{AREA}return float(positives.mean() > negatives.mean())", "wrong on"),
        ],
    },
]
