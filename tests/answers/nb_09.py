"""The exercises of notebook 09: right answers, and wrong ones with a word of the hint they must get."""

NORM = "isinstance(layer, layers.BatchNormalization)"
BLOCK = "def unfreeze(base):\n    "
LEARN = "def let_learn(block):\n    "
SWITCH = "base.trainable = True\n    for layer in base.layers:\n        layer.trainable = "
EACH = "block.trainable = True\n    for layer in block.layers:\n        layer.trainable = "
WAY = "def distance(before, after):\n    return "

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
            f"{LEARN}block.trainable = True\n    for layer in block.layers:\n        if {NORM}:\n"
            "            layer.trainable = False",
            f"{LEARN}for layer in block.layers:\n        layer.trainable = not {NORM}",
            f"{LEARN}{EACH}isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D))",
            f"{LEARN}{EACH}'conv' in layer.name",
        ],
        "wrong": [
            (f"{LEARN}block.trainable = True", "overwrote running means"),
            (f"{LEARN}{EACH}isinstance(layer, layers.Conv2D)", "block_12_depthwise_conv is off"),
            (f"{LEARN}{EACH}{NORM}", "still on"),
            (f"{LEARN}{EACH}isinstance(layer, layers.DepthwiseConv2D)", "block_12_expand_conv"),
            (f"{LEARN}block.trainable = True\n    block.layers[1].trainable = False", "still on"),
            (f"{LEARN}block.trainable = True\n    block.get_layer('batch_norm').trainable = False", "ValueError"),
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
]
