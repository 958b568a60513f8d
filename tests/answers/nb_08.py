"""The exercises of notebook 08: right answers, and wrong ones with a word of the hint they must get."""

SERVED = "image = keras.Input((48, 48, 1))\nserved = keras.Model(image, {})"

ANSWERS = [
    {
        "right": [
            "trainable = 25_089 * 128 + 129 * 128 + 129 * 3",
            "trainable = np.float32(3228291)",
            "features = keras.Input((7, 7, 512))\nx = layers.Flatten()(features)\n"
            "x = layers.Dense(3)(layers.Dense(128)(layers.Dense(128)(x)))\n"
            "trainable = keras.Model(features, x).count_params()",
        ],
        "wrong": [
            ("trainable = 3_228_032", "biases"),
            ("trainable = 1_655_427", "5 × 5"),
            ("trainable = 3_211_779", "two Dense layers"),
            ("trainable = 3_228_807", "three expressions"),
            ("trainable = 82_563", "every position"),
            ("trainable = 23_252_675", "frozen"),
            ("trainable = 7 * 7 * 512 * 128", "first Dense layer"),
            ("trainable = 3_228_290", "too small"),
        ],
    },
    {
        "right": [
            SERVED.format("head(cut(image))"),
            "served = keras.Sequential([keras.Input((48, 48, 1)), cut, head])",
            "served = lambda pictures: head(cut(pictures, training=False), training=False)",
        ],
        "wrong": [
            (SERVED.format("head(cut(layers.Rescaling(1 / 255)(image), training=False))"), "divide by 255"),
            (SERVED.format("head(cut(layers.Rescaling(1 / 127.5, offset=-1)(image), training=False))"), "-1 ... 1"),
            (SERVED.format("layers.Softmax()(head(cut(image, training=False)))"), "probabilities"),
            (SERVED.format("cut(image, training=False)"), "features"),
            (SERVED.format("new_head()(cut(image, training=False))"), "off"),
            (
                "turn = layers.RandomRotation(0.1)\n"
                "served = lambda pictures: head(cut(turn(pictures, training=True), training=False))",
                "random",
            ),
            ("served = head", "cannot be used"),
            ("served = head(cut(sets.test.images[:64, ..., None]))", "expected a network"),
        ],
    },
    {
        "right": ["once = [6, 4, 2, 1]", "once = np.array([1, 2, 4, 6], 'float32')", "once = {1, 2, 4, 6}"],
        "wrong": [
            ("once = (1, 2, 3, 4, 6)", "one angle"),
            ("once = (1, 2, 6)", "mirror image"),
            ("once = {1, 2, 4}", "batch normalisation"),
            ("once = (1, 2, 4, 5, 6)", "same numbers"),
            ("once = 1", "missing"),
            ("once = 'all'", "from 1 to 6"),
        ],
    },
]
