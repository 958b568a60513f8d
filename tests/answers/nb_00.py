"""The exercises of notebook 00: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "top_two = [csv_order[i] for i in np.argsort(-probabilities[face])[:2]]"
            " if 'csv_order' in globals() else ['x', 'y']",
            "top_two = [CLASSES[i] for i in np.argsort(-probabilities[face])[:2]][::-1]",
            "top_two = CLASSES[probabilities[face].argmax()]",
            "top_two = 3",
        ],
        "right": [
            "top_two = tuple(CLASSES[i] for i in np.argsort(-probabilities[face])[:2])",
            "top_two = np.array(CLASSES)[np.argsort(-probabilities[face])[:2]]",
        ],
    },
    {
        "wrong": ["to_beat = 1 / 7", "to_beat = np.bincount(sets.test.labels).max()", "to_beat = 'a quarter'"],
        "right": [
            "to_beat = np.bincount(sets.test.labels).max() / len(sets.test.labels) * (1 + 1e-9)",
            "to_beat = np.float32(np.bincount(sets.test.labels).max() / len(sets.test.labels))",
        ],
    },
]
