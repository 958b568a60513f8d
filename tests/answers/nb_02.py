"""The exercises of notebook 02: right answers, and wrong ones with a word of the hint they must get."""

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
            f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes).astype('float32')",
            f"{WEIGHTS}[len(labels) / classes / (labels == k).sum() for k in range(classes)]",
            "from sklearn.utils.class_weight import compute_class_weight\n"
            f"{WEIGHTS}compute_class_weight('balanced', classes=np.arange(classes), y=labels)",
        ],
        "wrong": [
            (f"{WEIGHTS}1 / np.bincount(labels)", "scale"),
            (f"{WEIGHTS}len(labels) / np.bincount(labels)", "number of classes"),
            (f"{WEIGHTS}classes * np.bincount(labels) / len(labels)", "upside down"),
            (f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes)[labels]", "each picture"),
            (f"{WEIGHTS}(len(labels) / np.bincount(labels) / classes)[None]", "shape is (1, 2), expected (2,)"),
            (f"{WEIGHTS}dict(enumerate(len(labels) / np.bincount(labels) / classes))", "expected numbers"),
            (f"{WEIGHTS}np.ones(classes)", "off"),
        ],
    },
]
