"""For each exercise of each notebook: answers that its check must reject, and others that it must accept."""

ANSWERS = {
    "00_start_here": [
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
    ],
    "01_data_preparation": [
        {
            "wrong": [
                "def count_parts(names):\n    return tuple(sum(p in n for n in names) for p in ('Training', 'PublicTest', 'PrivateTest'))",
                "def count_parts(names):\n    return tuple(sum(n.startswith(p) for n in names) for p in ('train', 'test', 'test'))",
                "def count_parts(names):\n    return len(names)",
                "def count_parts(names):\n    return names[0].split('_')[7]",
                "count_parts = 5",
            ],
            "right": [
                "import os\ndef count_parts(names):\n    files = [os.path.basename(n) for n in names]\n"
                "    return [sum(f.split('_')[0] == p for f in files) for p in ('Training', 'PublicTest', 'PrivateTest')]",
            ],
        },
        {
            "wrong": ["twins = len(set(train_names) & set(sets.test.names))", "twins = len(planted) + 1", "twins = 0"],
            "right": [
                "twins = float(sum(i.tobytes() in {j.tobytes() for j in train_images} for i in sets.test.images[:0])) + len(planted)"
            ],
        },
        {
            "wrong": [
                "megabytes = 64 * 224 * 224 * 3 / 1e6",
                "megabytes = 64 * 224 * 224 * 4 / 1e6",
                "megabytes = 77.07",
            ],
            "right": ["megabytes = 38.5", "megabytes = 38.535168"],
        },
    ],
    "02_balancing": [
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
    ],
}
