"""The exercises of notebook 03: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "def size_after(side, kernel, stride, padding):\n    return (side - kernel) // stride",
            "def size_after(side, kernel, stride, padding):\n    return (side - kernel) // stride + 1",
            "def size_after(side, kernel, stride, padding):\n    return side if padding == 'same' else side - kernel + 1",
            "def size_after(side, kernel, stride, padding):\n    return side // stride if padding == 'same' else (side - kernel) // stride + 1",
            "def size_after(side, kernel, stride, padding):\n    return (side - kernel) / stride + 1",
            "def size_after(side, kernel, stride, padding):\n    return -(-side // stride) if padding == 'same' else (side - kernel) // stride",
        ],
        "right": [
            "def size_after(side, kernel, stride, padding):\n    return len(range(0, side - (kernel - 1 if padding == 'valid' else 0), stride))",
            "def size_after(side, kernel, stride, padding):\n    return int(np.ceil((side - (padding == 'valid') * (kernel - 1)) / stride))",
        ],
    },
    {
        "wrong": [
            "def conv_parameters(kernel, channels, filters):\n    return kernel**2 * channels * filters",
            "def conv_parameters(kernel, channels, filters):\n    return (kernel**2 + 1) * filters",
            "def conv_parameters(kernel, channels, filters):\n    return kernel**2 * channels * filters + 1",
            "def conv_parameters(kernel, channels, filters):\n    return 896",
            "conv_parameters = 864",
        ],
        "right": [
            "def conv_parameters(kernel, channels, filters):\n    return kernel**2 * channels * filters + filters",
            "def conv_parameters(kernel, channels, filters):\n    return keras_count(kernel, channels, filters)",
        ],
    },
    {
        "wrong": [
            "def gradient(z, label):\n    return as_y(z, label) - softmax(z)",
            "def gradient(z, label):\n    return softmax(z)",
            "def gradient(z, label):\n    return z - as_y(z, label)",
            "def gradient(z, label):\n    return softmax(z) - 1",
            "def gradient(z, label):\n    return softmax(z) - as_y(z, label) + 1e-4",
        ],
        "right": [
            "def gradient(z, label):\n    return softmax(z) - np.eye(len(z))[label]",
            "def gradient(z, label):\n    return [softmax(z)[k] - (k == label) for k in range(len(z))]",
            "def gradient(z, label):\n    return softmax(z) - as_y(z, label) + 1e-8",
        ],
    },
    {
        "wrong": [
            "steps_in_all = 76 * 15",
            "steps_in_all = 2440 / 32 * 15",
            "steps_in_all = 77",
            "steps_in_all = 2440 * 15",
        ],
        "right": ["steps_in_all = 1155", "steps_in_all = np.ceil(2440 / 32) * 15"],
    },
]
