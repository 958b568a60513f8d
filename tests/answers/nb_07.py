"""The exercises of notebook 07: right answers, and wrong ones with a word of the hint they must get."""

STEP = "def step(weights, gradient, rate, strength):\n    return "
NORM = "def normalise(x, epsilon=0.001):\n    "
BLOCK = """        for _ in range(2):
            x = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
"""
MEAN = "    x = layers.GlobalAveragePooling2D()(x)\n"


def sixth(block=BLOCK, mean=MEAN, **changes):
    """The sixth network as a student may write it, with words of its block replaced."""
    for old, new in changes.values():
        assert old in block
        block = block.replace(old, new)
    return f"""def trial_6(filters=(32, 64, 96, 128), dropout=0.25, head_dropout=0.5):
    image = keras.Input((48, 48, 1))
    x = models.augmented(image, turn=0.06, zoom=0.15, shift=0.1)
    x = layers.RandomContrast(0.3)(x)
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(x)
    for count in filters:
{block}        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
{mean}    x = layers.Dropout(head_dropout)(x)
    return keras.Model(image, models.emotion(x))
"""


ANSWERS = [
    {
        "right": [
            f"{STEP}(1 - 2 * rate * strength) * weights - rate * gradient",
            f"{STEP}[w - rate * (g + 2 * strength * w) for w, g in zip(weights, gradient)]",
            f"{STEP}keras.ops.convert_to_tensor(weights - rate * (gradient + 2 * strength * weights), dtype='float32')",
        ],
        "wrong": [
            (f"{STEP}weights - rate * (gradient + strength * weights)", "factor"),
            (f"{STEP}weights - rate * (gradient + strength * weights**2)", "derivative"),
            (f"{STEP}weights - rate * (gradient - 2 * strength * weights)", "pushes away"),
            (f"{STEP}weights - rate * gradient - 2 * strength * weights", "learning rate"),
            (f"{STEP}weights - rate * gradient", "missing"),
            (f"{STEP}weights + rate * (gradient + 2 * strength * weights)", "climbs"),
        ],
    },
    {
        "right": [
            "first_loss = 1.946 + 0.02 * units",
            "first_loss = np.float32(np.log(7)) + 0.01 * np.sum(hidden.get_weights()[0] ** 2)",
            "first_loss = [np.log(7) + 0.01 * inputs * units * 2 / inputs]",
        ],
        "wrong": [
            ("first_loss = np.log(7)", "cross-entropy alone"),
            ("first_loss = 0.02 * units", "penalty alone"),
            ("first_loss = np.log(7) + 0.01 * units", "one half"),
            ("first_loss = np.log(7) + 2 * units", "strength"),
            ("first_loss = np.log(7) + 0.02 * inputs * units / (inputs + units)", "too"),
        ],
    },
    {
        "right": [
            "expected_best = 0.41",
            "expected_best = np.float32(0.38 + 1.163 * np.sqrt(0.38 * 0.62 / 306))",
            "expected_best = np.random.default_rng(1).binomial(306, 0.38, (9_999, 5)).max(axis=1).mean() / 306",
        ],
        "wrong": [
            ("expected_best = 0.38", "any one"),
            ("expected_best = 0.434", "upper end"),
            ("expected_best = 0.348", "worst"),
            ("expected_best = 126", "divide"),
            ("expected_best = 0.42", "too large"),
        ],
    },
    {
        "right": [
            f"{NORM}flat = x.reshape(-1, x.shape[-1])\n"
            "    return ((flat - flat.mean(0)) / np.sqrt(flat.var(0) + epsilon)).reshape(x.shape)",
            f"{NORM}return layers.BatchNormalization(epsilon=epsilon)(x.astype('float32'), training=True)",
            f"{NORM}x -= x.mean((0, 1, 2))\n    return (x / np.sqrt((x**2).mean((0, 1, 2)) + epsilon)).tolist()",
        ],
        "wrong": [
            (
                f"{NORM}return (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + epsilon)",
                "instance",
            ),
            (f"{NORM}return (x - x.mean(0)) / np.sqrt(x.var(0) + epsilon)", "position"),
            (f"{NORM}return (x - x.mean()) / np.sqrt(x.var() + epsilon)", "everything"),
            (
                f"{NORM}return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon)",
                "layer norm",
            ),
            (f"{NORM}return (x - x.mean((0, 1, 2))) / (x.var((0, 1, 2)) + epsilon)", "root"),
            (f"{NORM}return (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-30)", "epsilon"),
            (
                f"{NORM}return x.mean((0, 1, 2)) / np.sqrt(x.var((0, 1, 2)) + epsilon)",
                "shape is (3,), expected (4, 5, 6, 3)",
            ),
        ],
    },
    {
        "right": [
            sixth(),
            sixth(change=("layers.ReLU()", 'layers.Activation("relu")')),
            sixth("        x = models.conv_bn(models.conv_bn(x, count), count)\n"),
            "trial_6 = models.trial_6",
        ],
        "wrong": [
            (sixth(change=('3, padding="same", ', "3, ")), "padding"),
            (sixth(change=(", use_bias=False", "")), "no bias"),
            (sixth(change=("            x = layers.BatchNormalization()(x)\n", "")), "is missing"),
            (
                sixth(
                    a=("            x = layers.ReLU()(x)\n", ""),
                    b=("layers.BatchNormalization()(x)", "layers.BatchNormalization()(layers.ReLU()(x))"),
                ),
                "not before it",
            ),
            (sixth(change=("use_bias=False", 'use_bias=False, activation="relu"')), "of its own"),
            (sixth(change=("range(2)", "range(1)")), "make eight"),
            (sixth(change=("count, 3", "32, 3")), "use count"),
            (sixth(change=("count, 3", "count, 5")), "3 by 3"),
            (sixth(mean="    x = layers.Flatten()(x)\n"), "keeps every position"),
            (sixth(mean="    x = layers.GlobalMaxPooling2D()(x)\n"), "largest"),
            (sixth(mean=""), "mean of each map is missing"),
        ],
    },
]
