"""The exercises of notebook 02: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "macro_recall = accuracy_score(labels, always_happy)",
            "macro_recall = .247",
            "macro_recall = 1.0",
        ],
        "right": ["macro_recall = 0.14285714", "macro_recall = balanced_accuracy_score(labels, always_happy)"],
    },
    {
        "wrong": [
            "def weights(labels, classes):\n    return 1 / np.bincount(labels)",
            "def weights(labels, classes):\n    return len(labels) / np.bincount(labels)",
            "def weights(labels, classes):\n    return classes * np.bincount(labels) / len(labels)",
            "def weights(labels, classes):\n    return np.ones(classes)",
        ],
        "right": [
            "def weights(labels, classes):\n    return (labels.mean() * 0 + len(labels) / np.bincount(labels) / classes) * (1 + 1e-12)",
            "def weights(labels, classes):\n    return [len(labels) / classes / (labels == k).sum() for k in range(classes)]",
        ],
    },
]
