"""The exercises of notebook 09: right answers, and wrong ones with a word of the hint they must get."""

CONVS = "[layer for layer in base.layers if isinstance(layer, layers.Conv2D)]"
BLOCK = "def unfreeze(base):\n    "
LAST = "def unfreeze_last(base, n):\n    "
SWITCH = "base.trainable = True\n    for layer in base.layers:\n        layer.trainable = "
WAY = "def distance(before, after):\n    return "
RATES = "def rates_by_depth(n, top, factor):\n    "

ANSWERS = [
    {
        "right": [
            f"{BLOCK}{SWITCH}'block5' in layer.name",
            f"{BLOCK}for layer in base.layers:\n        layer.trainable = layer.name.startswith('block5')",
            f"{BLOCK}base.trainable = True\n    for layer in base.layers[:-4]:\n        layer.trainable = False",
        ],
        "wrong": [
            (f"{BLOCK}base.trainable = True", "whole base"),
            (f"{BLOCK}{SWITCH}layer.name == 'block5_conv3'", "more layers"),
            (f"{BLOCK}{SWITCH}layer.name.startswith('block4')", "block4_conv1"),
            (f"{BLOCK}{SWITCH}layer.name[:6] in ('block4', 'block5')", "block4_conv1"),
            (f"{BLOCK}{SWITCH}layer.name.startswith('block6')", "nothing of the base"),
            (f"{BLOCK}base.trainable = True\n    base.get_layer('block5')", "ValueError"),
        ],
    },
    {
        "right": [
            f"{WAY}np.linalg.norm(np.ravel(after - before)) / np.linalg.norm(np.ravel(before))",
            f"{WAY}np.sqrt((np.float32(after - before) ** 2).sum() / (np.float32(before) ** 2).sum())",
            f"{WAY}keras.ops.sqrt(keras.ops.sum((after - before) ** 2) / keras.ops.sum(before**2))",
        ],
        "wrong": [
            (f"{WAY}np.sqrt(np.sum((after - before) ** 2))", "divide"),
            (f"{WAY}abs(np.sqrt(np.sum(after**2)) / np.sqrt(np.sum(before**2)) - 1)", "length of the difference"),
            (f"{WAY}np.sqrt(np.sum((after - before) ** 2) / np.sum(after**2))", "where it started"),
            (f"{WAY}np.sum((after - before) ** 2) / np.sum(before**2)", "root"),
            (f"{WAY}np.abs(after - before).mean() / np.abs(before).mean()", "mean sizes"),
            (f"{WAY}np.abs(after - before) / np.abs(before)", "whole layer"),
        ],
    },
    {
        "right": [
            f"{LAST}base.trainable = True\n    rest = set(base.layers) - set({CONVS}[-n:])\n"
            "    for layer in rest:\n        layer.trainable = False",
            f"{LAST}for layer in {CONVS}[-n:]:\n        layer.trainable = True",
            f"{LAST}learning = {CONVS}[-n:]\n    {SWITCH}any(layer is one for one in learning)",
        ],
        "wrong": [
            (f"{LAST}base.trainable = True", "batch norms"),
            (
                f"{LAST}base.trainable = True\n    for layer in {CONVS}[:-n]:\n        layer.trainable = False",
                "batch norms",
            ),
            (f"{LAST}{SWITCH}layer in {CONVS}[:n]", "last 3"),
            (f"{LAST}{SWITCH}layer in {CONVS}[-3:]", "last 1"),
            (f"{LAST}{SWITCH}isinstance(layer, layers.Conv2D)", "last 3"),
            (f"{LAST}{SWITCH}layer in {CONVS}[-n]", "TypeError"),
        ],
    },
    {
        "right": [
            f"{RATES}return top * factor ** np.arange(n)[::-1]",
            f"{RATES}return np.float32([top * factor ** (n - 1 - i) for i in range(n)])",
            f"{RATES}rates = [top]\n    while len(rates) < n:\n        rates.insert(0, rates[0] * factor)\n"
            "    return tuple(rates)",
        ],
        "wrong": [
            (f"{RATES}return [top * factor**i for i in range(n)]", "reversed"),
            (f"{RATES}return [top * factor ** (n - i) for i in range(n)]", "without a factor"),
            (f"{RATES}return [top * factor] * (n - 1) + [top]", "the one after it"),
            (f"{RATES}return [top / factor ** (n - 1 - i) for i in range(n)]", "towards the input"),
            (f"{RATES}return [factor ** (n - 1 - i) for i in range(n)]", "multiply"),
            (f"{RATES}return {{top * factor ** (n - 1 - i) for i in range(n - 1)}}", "shape is (3,), expected (4,)"),
        ],
    },
]
