"""The exercises of notebook 13: right answers, and wrong ones with a word of the hint they must get."""

BLOCK = """def residual_block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return {}"""
ASKED = "def with_mirror(net, images):\n    one, other = ask(net, images), ask(net, images[:, :, ::-1])\n    return {}"

ANSWERS = [
    {
        "right": [
            "hits = [315, 31, 214, 809, 417, 432, 328]",
            'hits = sizes["PublicTest"] * published["recall"]',
            'hits = (sizes["PublicTest"] * published["recall"]).round().astype(int).tolist()',
        ],
        "wrong": [
            ('hits = sizes["PrivateTest"] * published["recall"]', "PrivateTest"),
            ('hits = (sizes["PrivateTest"] * published["recall"]).round()', "PrivateTest"),
            ('hits = sizes["PublicTest"] * published["precision"]', "precision"),
            ("hits = 2546", "sum"),
            ('hits = sizes["PublicTest"]', "class sizes"),
            ('hits = published["recall"]', "multiply"),
            ("hits = [315, 31, 214, 809, 417, 432, 329]", "328"),
            ("hits = 'PublicTest'", "expected numbers"),
        ],
    },
    {
        "right": [
            BLOCK.format("layers.ReLU()(layers.Add()([x, y]))"),
            BLOCK.format("layers.Activation('relu')(y + x)").replace(", use_bias=False", ""),
            BLOCK.format("keras.ops.relu(x + y)"),
        ],
        "wrong": [
            (BLOCK.format("layers.ReLU()(y)"), "shortcut"),
            (BLOCK.format("y"), "shortcut"),
            (BLOCK.format("layers.ReLU()(layers.Subtract()([y, x]))"), "sign"),
            (BLOCK.format("layers.ReLU()(layers.Subtract()([x, y]))"), "sign"),
            (BLOCK.format("layers.Add()([x, y])"), "last ReLU"),
            (BLOCK.format("layers.Add()([x, layers.ReLU()(y)])"), "after the sum"),
            (BLOCK.format("layers.ReLU()(layers.Concatenate()([x, y]))"), "shapes must agree"),
            (BLOCK.format("layers.ReLU()(x + y)").replace("    y = layers.ReLU()(y)\n", ""), "between"),
            (BLOCK.format("layers.ReLU()(x + y)").replace("filters, 3", "filters, 1"), "3 × 3"),
            ("def residual_block(x, filters):\n    return layers.ReLU()(x)", "found 0 and 0"),
            ("residual_block = layers.Add()", "cannot be used"),
        ],
    },
    {
        "right": [
            ASKED.format("(one + other) / 2"),
            ASKED.format("np.mean([one, other], axis=0)"),
            "def with_mirror(net, images):\n    return (ask(net, images) + ask(net, np.flip(images, axis=2))) / 2",
        ],
        "wrong": [
            (ASKED.format("one + other"), "divide"),
            (ASKED.format("(np.eye(7)[one.argmax(1)] + np.eye(7)[other.argmax(1)]) / 2"), "votes"),
            (ASKED.format("(one + other).argmax(axis=1)"), "labels"),
            (ASKED.format("np.maximum(one, other)"), "larger"),
            (ASKED.format("one"), "alone"),
            (ASKED.format("(one + other[:, ::-1]) / 2"), "the classes have an order"),
            (ASKED.format("(one + other) / 2").replace("[:, :, ::-1]", "[:, ::-1]"), "upside down"),
            (ASKED.format("(one + other) / 2").replace("[:, :, ::-1]", "[::-1]"), "order of the pictures"),
            (ASKED.format("ask(net, (images + images[:, :, ::-1]) / 2)"), "values are off"),
        ],
    },
]
