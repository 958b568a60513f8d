"""The exercises of notebook 03: right answers, and wrong ones with a word of the hint they must get."""

SIZE = "def size_after(side, kernel, stride, padding):\n    "
COUNT = "def conv_parameters(kernel, channels, filters):\n    "
GRADIENT = "def gradient(z, label):\n    "
ONE_HOT = "np.eye(len(z))[label]"

ANSWERS = [
    {
        "right": [
            f"{SIZE}return len(range(0, side - (kernel - 1 if padding == 'valid' else 0), stride))",
            f"{SIZE}return np.float32(np.ceil((side - (padding == 'valid') * (kernel - 1)) / stride))",
            f"{SIZE}conv = layers.Conv2D(1, kernel, strides=stride, padding=padding)\n"
            "    return conv.compute_output_shape((1, side, side, 1))[1]",
        ],
        "wrong": [
            (f"{SIZE}return (side - kernel) // stride", "first place"),
            (f"{SIZE}return (side - kernel) // stride + 1", "right without padding"),
            (f"{SIZE}return side if padding == 'same' else side - kernel + 1", "stride of 1"),
            (f"{SIZE}return side // stride if padding == 'same' else (side - kernel) // stride + 1", "round up"),
            (f"{SIZE}if padding == 'valid':\n        return (side - kernel) // stride + 1", "branch"),
            (f"{SIZE}if padding == 'same':\n        return -(-side // stride)", "branch"),
            (f"{SIZE}return (side - kernel) / stride + 1", "got 24.5"),
            (f"{SIZE}return -(-side // stride) if padding == 'same' else (side - kernel) // stride", "first place"),
        ],
    },
    {
        "right": [
            f"{COUNT}return kernel**2 * channels * filters + filters",
            f"{COUNT}return np.prod((kernel, kernel, channels, filters)).astype('float32') + filters",
            f"{COUNT}layer = layers.Conv2D(filters, kernel)\n    layer.build((None, 48, 48, channels))\n"
            "    return layer.count_params()",
        ],
        "wrong": [
            (f"{COUNT}return kernel**2 * channels * filters", "864"),
            (f"{COUNT}return (kernel**2 + 1) * filters", "320"),
            (f"{COUNT}return kernel**2 * channels * filters + 1", "865"),
            (f"{COUNT}return 896", "any layer"),
            ("conv_parameters = 864", "function"),
        ],
    },
    {
        "right": [
            f"{GRADIENT}return softmax(z).astype('float32') - {ONE_HOT}",
            f"{GRADIENT}return [softmax(z)[k] - (k == label) for k in range(len(z))]",
            f"{GRADIENT}z[:] = softmax(z)\n    z[label] -= 1\n    return z",
            f"{GRADIENT}loss = lambda z: -np.log(softmax(z)[label])\n"
            "    return [(loss(z + e) - loss(z - e)) / 2e-5 for e in 1e-5 * np.eye(len(z))]",
            f"{GRADIENT}return keras.ops.softmax(keras.ops.convert_to_tensor(z)) - keras.ops.one_hot(label, len(z), dtype='float64')",
        ],
        "wrong": [
            (f"{GRADIENT}return {ONE_HOT} - softmax(z)", "wrong sign"),
            (f"{GRADIENT}return softmax(z)", "subtracted"),
            (f"{GRADIENT}return z - {ONE_HOT}", "softmax first"),
            (f"{GRADIENT}return softmax(z) - 1", "right class only"),
            (f"{GRADIENT}return softmax(z)[label] - 1", "each logit"),
            (f"{GRADIENT}return (softmax(z) - {ONE_HOT})[:, None]", "shape is (2, 1), expected (2,)"),
            (f"{GRADIENT}return softmax(z) - {ONE_HOT} + 1e-4", "off"),
        ],
    },
    {
        "right": ["steps_in_all = 1155", "steps_in_all = np.ceil(2440 / 32) * 15", "steps_in_all = np.float32(1155)"],
        "wrong": [
            ("steps_in_all = 76 * 15", "last, smaller batch"),
            ("steps_in_all = 2440 / 32 * 15", "quarter"),
            ("steps_in_all = np.ceil(2440 / 32 * 15)", "each epoch"),
            ("steps_in_all = 77", "one epoch"),
            ("steps_in_all = 2440 * 15", "faces"),
            ("steps_in_all = 1154", "too small"),
        ],
    },
    {
        "right": ["learning_rate = 1e-3", "learning_rate = np.float32(0.002)", "learning_rate = [0.0003]"],
        "wrong": [
            ("learning_rate = 1e-6", "below all"),
            ("learning_rate = 1", "above all"),
            ("learning_rate = -0.001", "downhill"),
            ("learning_rate = 0", "downhill"),
            ("learning_rate = 'small'", "one number"),
            ("learning_rate = (0.001, 0.01)", "one number"),
        ],
    },
]
