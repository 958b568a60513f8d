"""The exercises of notebook 04: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "epochs_run = counts_rises",
            "def epochs_run(losses, patience):\n    return watch(losses, patience=patience)[0] - 1",
            "def epochs_run(losses, patience):\n    return len(losses)",
            "def epochs_run(losses, patience):\n    return int(np.argmin(losses)) + 1 + patience",
            "def epochs_run(losses, patience):\n    return min(len(losses), int(np.argmin(losses)) + 1 + patience)",
            "def epochs_run(losses, patience):\n    return watch([-loss for loss in losses], patience=patience)[0]",
        ],
        "right": [
            "def epochs_run(losses, patience):\n    return watch(losses, patience=patience)[0]",
            "def epochs_run(losses, patience):\n"
            "    for n in range(patience + 1, len(losses) + 1):\n"
            "        if n - 1 - int(np.argmin(losses[:n])) >= patience:\n"
            "            return n\n"
            "    return len(losses)",
        ],
    },
    {
        "wrong": [
            "mcnemar = one_sided",
            "def mcnemar(b, c):\n    return 0.5",
            "def mcnemar(b, c):\n    return 1.0",
            "def mcnemar(b, c):\n    return 2 * stats.binom.cdf(min(b, c), b + c, 0.5)",
            "def mcnemar(b, c):\n    return stats.chi2.sf((b - c) ** 2 / max(b + c, 1), 1)",
            "def mcnemar(b, c):\n    return stats.chi2.sf(max(abs(b - c) - 1, 0) ** 2 / max(b + c, 1), 1)",
            "def mcnemar(b, c):\n    return stats.binom.pmf(b, b + c, 0.5)",
            "def mcnemar(b, c):\n    return min(1, 2 * stats.binom.cdf(b, b + c, 0.5))",
        ],
        "right": [
            "def mcnemar(b, c):\n    return evaluation.mcnemar(b, c)",
            "def mcnemar(b, c):\n    return stats.binomtest(b, b + c).pvalue if b + c else 1.0",
            "def mcnemar(b, c):\n"
            "    chances = stats.binom.pmf(np.arange(b + c + 1), b + c, 0.5)\n"
            "    return chances[np.abs(np.arange(b + c + 1) - (b + c) / 2) >= abs(b - c) / 2].sum()",
        ],
    },
    {
        "wrong": [
            "def auc(positives, negatives):\n    return (positives[:, None] > negatives[None, :]).mean()",
            "def auc(positives, negatives):\n    return (positives[:, None] >= negatives[None, :]).mean()",
            "def auc(positives, negatives):\n    return 1 - area(positives, negatives)",
            "def auc(positives, negatives):\n    return float(positives.mean() > negatives.mean())",
        ],
        "right": [
            "auc = area",
            "def auc(positives, negatives):\n    return ((np.sign(positives[:, None] - negatives) + 1) / 2).mean()",
        ],
    },
]
