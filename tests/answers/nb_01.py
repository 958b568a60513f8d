"""The exercises of notebook 01: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
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
]
