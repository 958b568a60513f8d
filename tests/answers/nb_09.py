"""The exercises of notebook 09: answers that their checks must reject, and others that they must accept."""

CONVS = "[layer for layer in base.layers if isinstance(layer, layers.Conv2D)]"

ANSWERS = [
    {
        "wrong": [
            "def unfreeze(base):\n    base.trainable = True",
            "def unfreeze(base):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer.name == 'block5_conv3'",
            "def unfreeze(base):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer.name.startswith('block4')",
            "def unfreeze(base):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer.name[:6] in ('block4', 'block5')",
            "def unfreeze(base):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer.name in ('block4_conv2', 'block4_conv3', 'block5_conv1')",
            "def unfreeze(base):\n    base.trainable = True\n    base.get_layer('block6')",
        ],
        "right": [
            "def unfreeze(base):\n    for layer in base.layers:\n        layer.trainable = layer.name.startswith('block5')",
            "def unfreeze(base):\n    base.trainable = True\n    for layer in base.layers[:-4]:\n        layer.trainable = False",
        ],
    },
    {
        "wrong": [
            "def distance(before, after):\n    return np.sqrt(np.sum((after - before) ** 2))",
            "def distance(before, after):\n    return abs(np.sqrt(np.sum(after**2)) / np.sqrt(np.sum(before**2)) - 1)",
            "def distance(before, after):\n    return np.sqrt(np.sum((after - before) ** 2) / np.sum(after**2))",
            "def distance(before, after):\n    return np.sum((after - before) ** 2) / np.sum(before**2)",
            "def distance(before, after):\n    return np.abs(after - before).mean() / np.abs(before).mean()",
        ],
        "right": [
            "def distance(before, after):\n    return np.linalg.norm(np.ravel(after - before)) / np.linalg.norm(np.ravel(before))",
            "def distance(before, after):\n    return np.std(np.r_[(after - before).ravel(), (before - after).ravel()]) / np.sqrt(np.mean(before**2))",
        ],
    },
    {
        "wrong": [
            "def unfreeze_last(base, n):\n    base.trainable = True",
            f"def unfreeze_last(base, n):\n    for layer in {CONVS}[-n:]:\n        layer.trainable = True",
            f"def unfreeze_last(base, n):\n    base.trainable = True\n    for layer in {CONVS}[:-n]:\n        layer.trainable = False",
            f"def unfreeze_last(base, n):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer in {CONVS}[:n]",
            f"def unfreeze_last(base, n):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer in {CONVS}[-3:]",
            "def unfreeze_last(base, n):\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = isinstance(layer, layers.Conv2D)",
        ],
        "right": [
            f"def unfreeze_last(base, n):\n    base.trainable = True\n    rest = set(base.layers) - set({CONVS}[-n:])\n    for layer in rest:\n        layer.trainable = False",
        ],
    },
    {
        "wrong": [
            "def rates_by_depth(n, top, factor):\n    return [top * factor**i for i in range(n)]",
            "def rates_by_depth(n, top, factor):\n    return [top * factor ** (n - i) for i in range(n)]",
            "def rates_by_depth(n, top, factor):\n    return [top * factor] * (n - 1) + [top]",
            "def rates_by_depth(n, top, factor):\n    return [top / factor ** (n - 1 - i) for i in range(n)]",
        ],
        "right": [
            "def rates_by_depth(n, top, factor):\n    return top * factor ** np.arange(n)[::-1]",
            "def rates_by_depth(n, top, factor):\n    rates = [top]\n    while len(rates) < n:\n        rates.insert(0, rates[0] * factor)\n    return rates",
        ],
    },
]
