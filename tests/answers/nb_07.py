"""The exercises of notebook 07: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "def step(weights, gradient, rate, strength):\n    return weights - rate * (gradient + strength * weights)",
            "def step(weights, gradient, rate, strength):\n    return weights - rate * (gradient + strength * weights**2)",
            "def step(weights, gradient, rate, strength):\n    return weights - rate * (gradient - 2 * strength * weights)",
            "def step(weights, gradient, rate, strength):\n    return weights - rate * gradient - 2 * strength * weights",
            "def step(weights, gradient, rate, strength):\n    return weights - rate * gradient",
            "def step(weights, gradient, rate, strength):\n    return weights + rate * (gradient + 2 * strength * weights)",
        ],
        "right": [
            "def step(weights, gradient, rate, strength):\n    return (1 - 2 * rate * strength) * weights - rate * gradient",
        ],
    },
    {
        "wrong": [
            "first_loss = np.log(7)",
            "first_loss = 0.02 * units",
            "first_loss = np.log(7) + 0.01 * units",
            "first_loss = np.log(7) + 2 * units",
            "first_loss = np.log(7) + 0.02 * inputs * units / (inputs + units)",
        ],
        "right": [
            "first_loss = 1.946 + 0.02 * units",
            "first_loss = np.log(7) + 0.01 * np.sum(hidden.get_weights()[0] ** 2)",
        ],
    },
    {
        "wrong": ["expected_best = 0.38", "expected_best = 0.434", "expected_best = 0.348", "expected_best = 0.42"],
        "right": [
            "expected_best = 0.41",
            "expected_best = 0.38 + 1.163 * np.sqrt(0.38 * 0.62 / 306)",
            "expected_best = draws.max(axis=1).mean()",
        ],
    },
    {
        "wrong": [
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + epsilon)",
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean(0)) / np.sqrt(x.var(0) + epsilon)",
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean()) / np.sqrt(x.var() + epsilon)",
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon)",
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean((0, 1, 2))) / (x.var((0, 1, 2)) + epsilon)",
            "def normalise(x, epsilon=0.001):\n    return (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)))",
        ],
        "right": [
            "def normalise(x, epsilon=0.001):\n    flat = x.reshape(-1, x.shape[-1])\n    return ((flat - flat.mean(0)) / np.sqrt(flat.var(0) + epsilon)).reshape(x.shape)",
            "def normalise(x, epsilon=0.001):\n    return np.asarray(layers.BatchNormalization(epsilon=epsilon)(x.astype('float32'), training=True))",
        ],
    },
]
