"""The exercises of notebook 08: answers that their checks must reject, and others that they must accept."""

SERVED = "image = keras.Input((48, 48, 1))\nserved = keras.Model(image, {})"

ANSWERS = [
    {
        "wrong": [
            "trainable = 3_228_032",
            "trainable = 1_655_427",
            "trainable = 3_211_779",
            "trainable = 3_228_807",
            "trainable = 82_563",
            "trainable = 23_252_675",
            "trainable = 7 * 7 * 512 * 128",
        ],
        "right": ["trainable = 25_089 * 128 + 129 * 128 + 129 * 3", "trainable = np.int64(3228291)"],
    },
    {
        "wrong": [
            SERVED.format("head(base(layers.Rescaling(1 / 255)(image), training=False))"),
            SERVED.format("head(base(layers.Rescaling(1 / 127.5, offset=-1)(image), training=False))"),
            SERVED.format("layers.Softmax()(head(base(image, training=False)))"),
            SERVED.format("base(image, training=False)"),
            SERVED.format("new_head()(base(image, training=False))"),
            SERVED.format("head(base(layers.RandomRotation((0.1, 0.1))(image, training=True), training=False))"),
            SERVED.format("head(base(layers.RandomRotation(0.1)(image, training=True), training=False))"),
            SERVED.format("head(base(models.augmented(image), training=False))"),
            "served = head",
            "served = extraction.model",
        ],
        "right": [
            "served = keras.Sequential([keras.Input((48, 48, 1)), base, head])",
            "served = lambda pictures: head(base(pictures, training=False), training=False)",
        ],
    },
    {
        "wrong": [
            "once = (1, 2, 3, 4, 6)",
            "once = (1, 2, 6)",
            "once = (1, 2, 4)",
            "once = (1, 2, 4, 5, 6)",
            "once = (3, 5)",
            "once = (1, 2, 3, 4, 5, 6)",
            "once = 1",
            "once = 'all'",
        ],
        "right": ["once = [6, 4, 2, 1]", "once = np.array([1, 2, 4, 6])", "once = {1, 2, 4, 6}"],
    },
]
