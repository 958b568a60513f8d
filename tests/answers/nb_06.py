"""The exercises of notebook 06: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "def dropout(values, rate, rng):\n    return values * (rng.random(values.shape) >= rate)",
            "def dropout(values, rate, rng):\n    return values * (rng.random(values.shape) >= rate) * (1 - rate)",
            "def dropout(values, rate, rng):\n    return values * (rng.random(values.shape) < rate) / max(rate, 1e-9)",
            "def dropout(values, rate, rng):\n    return values",
            "def dropout(values, rate, rng):\n    return values * (np.random.default_rng(0).random(values.shape) >= rate) / (1 - rate)",
            "def dropout(values, rate, rng):\n    return values * (np.arange(len(values)) % 10 >= 10 * rate) / (1 - rate)",
            "def dropout(values, rate, rng):\n    return values + rate * rng.normal(size=values.shape)",
            "def dropout(values, rate, rng):\n    return values * rng.random(values.shape) * 2",
            "def dropout(values, rate, rng):\n    return 1 / 0",
        ],
        "right": [
            "def dropout(values, rate, rng):\n    return np.where(rng.random(len(values)) < rate, 0, values / (1 - rate))",
            "def dropout(values, rate, rng):\n    return values * rng.binomial(1, 1 - rate, values.shape) / (1 - rate)",
        ],
    },
    {
        "wrong": [
            "def spread(a, rate):\n    return a * np.sqrt(rate * (1 - rate))",
            "def spread(a, rate):\n    return a**2 * rate / (1 - rate)",
            "def spread(a, rate):\n    return a * rate / (1 - rate)",
            "def spread(a, rate):\n    return a * rate",
        ],
        "right": ["def spread(a, rate):\n    return a * (rate / (1 - rate)) ** 0.5"],
    },
    {
        "wrong": [
            "discordant = 0",
            "discordant = 17",
            "discordant = 210",
            "discordant = ((hits_3 - hits_4) ** 2).sum()",
        ],
        "right": ["discordant = 34", "discordant = sum(abs(a - b) for a, b in zip(hits_3, hits_4))"],
    },
]
