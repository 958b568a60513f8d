"""The exercises of notebook 02: right answers, and wrong ones with a word of the hint they must get."""

KEEP = "def undersample(labels, seed):\n    rng = np.random.default_rng(seed)\n    "
SMALLEST = "smallest = np.bincount(labels).min()\n    "
WEIGHTS = "def weights(labels, classes):\n    return "

ANSWERS = [
    {
        "right": [
            "macro_recall = 0.143",
            "macro_recall = 0.1429",
            "macro_recall = balanced_accuracy_score(labels, always_happy)",
            "macro_recall = np.float32(1 / 7)",
            "import keras\nmacro_recall = keras.ops.mean(keras.ops.convert_to_tensor([0, 0, 0, 1.0, 0, 0, 0]))",
        ],
        "wrong": [
            ("macro_recall = accuracy_score(labels, always_happy)", "accuracy"),
            ("macro_recall = .247", "accuracy"),
            ("macro_recall = 1.0", "seven classes"),
            ("macro_recall = 0", "not 0"),
            ("macro_recall = 14.3", "percent"),
            ("macro_recall = 0.14", "three significant digits"),
        ],
    },
    {
        "right": [
            f"{KEEP}classes, counts = np.unique(labels, return_counts=True)\n    return np.sort(np.concatenate([rng.permutation("
            "np.flatnonzero(labels == c))[: counts.min()] for c in classes]))",
            f"{KEEP}{SMALLEST}return [int(i) for k in range(7) for i in rng.choice(np.where(labels == k)[0], smallest, False)]",
            f"{KEEP}order, kept, counts = rng.permutation(len(labels)), [], [0] * 7\n    for i in order:\n"
            "        if counts[labels[i]] < np.bincount(labels).min():\n"
            "            kept.append(i)\n            counts[labels[i]] += 1\n    return tuple(kept)",
            "undersample = data.undersample",
        ],
        "wrong": [
            (
                f"{KEEP}{SMALLEST}return np.concatenate([np.flatnonzero(labels == k)[:smallest] for k in range(7)])",
                "random",
            ),
            (
                f"{KEEP}{SMALLEST}return np.concatenate([np.random.choice(np.flatnonzero(labels == k), smallest, False) "
                "for k in range(7)])",
                "same seed",
            ),
            (
                f"{KEEP}{SMALLEST}return np.concatenate([rng.choice(np.flatnonzero(labels == k), smallest) "
                "for k in range(7)])",
                "replace=False",
            ),
            ("def undersample(labels, seed):\n    return data.oversample(labels, seed=seed)", "twice"),
            (
                f"{KEEP}{SMALLEST}return [rng.choice(np.flatnonzero(labels == k), smallest, False) for k in range(7)]",
                "concatenate",
            ),
            (f"{KEEP}return [np.flatnonzero(labels == k) for k in range(7)]", "different sizes"),
            (f"{KEEP}return labels[data.undersample(labels, seed)]", "their numbers are wanted"),
            (f"{KEEP}return np.isin(np.arange(len(labels)), data.undersample(labels, seed))", "mask"),
            (f"{KEEP}{SMALLEST}return rng.choice(len(labels), 7 * smallest, replace=False)", "unequal"),
            (
                f"{KEEP}return np.concatenate([rng.choice(np.flatnonzero(labels == k), 2, False) for k in range(7)])",
                "smallest class has 4",
            ),
            (f"{KEEP}return 7 * np.bincount(labels).min()", "stopped with TypeError"),
            (f"{KEEP}return data.undersample(labels, seed) + 1000", "0 to"),
            (f"{KEEP}labels.sort()\n    return data.undersample(labels, seed)", "copy"),
            ("undersample = 3052", "function"),
        ],
    },
    {
        "right": [
            f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes).astype('float32')",
            f"{WEIGHTS}[len(labels) / classes / (labels == k).sum() for k in range(classes)]",
            "from sklearn.utils.class_weight import compute_class_weight\n"
            f"{WEIGHTS}compute_class_weight('balanced', classes=np.arange(classes), y=labels)",
        ],
        "wrong": [
            (f"{WEIGHTS}1 / np.bincount(labels)", "scale"),
            (f"{WEIGHTS}len(labels) / np.bincount(labels)", "number of classes"),
            (f"{WEIGHTS}classes * np.bincount(labels) / len(labels)", "upside down"),
            (f"{WEIGHTS}np.bincount(labels).max() / np.bincount(labels)", "proportions"),
            (f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes)[labels]", "each picture"),
            (f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes)[None]", "shape is (1, 2), expected (2,)"),
            (f"{WEIGHTS}dict(enumerate(len(labels) / np.bincount(labels) / classes))", "expected numbers"),
            (f"{WEIGHTS}np.ones(classes)", "off"),
        ],
    },
]
