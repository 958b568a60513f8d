"""The exercises of notebook 06: right answers, and wrong ones with a word of the hint they must get."""

DROP = "def dropout(values, rate, rng):\n    "
KEPT = "rng.random(values.shape) >= rate"
SPREAD = "def spread(a, rate):\n    return "

ANSWERS = [
    {
        "right": [
            f"{DROP}return np.where(rng.random(len(values)) < rate, 0, values / (1 - rate))",
            f"{DROP}return (values * rng.binomial(1, 1 - rate, values.shape) / (1 - rate)).astype('float32')",
            f"{DROP}return keras.ops.convert_to_tensor((values * ({KEPT}) / (1 - rate)).astype('float32'))",
            f"{DROP}values *= {KEPT}\n    values /= 1 - rate\n    return values",
            f"{DROP}return [v / (1 - rate) if rng.random() >= rate else 0 for v in values]",
        ],
        "wrong": [
            (f"{DROP}return values * ({KEPT})", "not scaled"),
            (f"{DROP}return values * ({KEPT}) * (1 - rate)", "you multiply"),
            (f"{DROP}return values * ({KEPT}) / max(rate, 1e-9)", "share that is kept"),
            (f"{DROP}return values * (rng.random(values.shape) < rate) / max(rate, 1e-9)", "share that is dropped"),
            (f"{DROP}return values * (rng.random(values.shape) < rate) / (1 - rate)", "share that is dropped"),
            (f"{DROP}return values", "toss a coin"),
            (
                f"{DROP}return values * (np.random.default_rng(0).random(values.shape) >= rate) / (1 - rate)",
                "use the generator",
            ),
            (f"{DROP}return values * (np.arange(len(values)) % 10 >= 10 * rate) / (1 - rate)", "use the generator"),
            (f"{DROP}if rate > 0:\n        return values * ({KEPT}) / (1 - rate)", "branch"),
            (f"{DROP}return values * (rng.random() >= rate) / (1 - rate)", "dropped"),
            (f"{DROP}return (values * ({KEPT}) / (1 - rate))[None]", "shape is (1, 100000), expected (100000,)"),
            (f"{DROP}return values + rate * rng.normal(size=values.shape)", "nothing is dropped"),
            (f"{DROP}return 1 / 0", "ZeroDivisionError"),
        ],
    },
    {
        "right": [
            f"{SPREAD}a * (rate / (1 - rate)) ** 0.5",
            f"{SPREAD}np.float32(np.sqrt(a**2 / (1 - rate) - a**2))",
            f"{SPREAD}[a * keras.ops.sqrt(rate / (1 - rate))]",
        ],
        "wrong": [
            (f"{SPREAD}a * np.sqrt(rate * (1 - rate))", "without the division"),
            (f"{SPREAD}a**2 * rate / (1 - rate)", "variance"),
            (f"{SPREAD}a * rate / (1 - rate)", "root"),
            (f"{SPREAD}a / np.sqrt(1 - rate)", "square of the mean"),
            (f"{SPREAD}a * rate", "1.0, 0.5"),
        ],
    },
    {
        "right": [
            "discordant = 34",
            "discordant = sum(abs(a - b) for a, b in zip(hits_3, hits_4))",
            "discordant = np.float32(np.abs(hits_3 - hits_4).sum())",
        ],
        "wrong": [
            ("discordant = 0", "cannot be swapped"),
            ("discordant = 17", "only one of the two"),
            ("discordant = ((hits_3 - hits_4) ** 2).sum()", "squares"),
            ("discordant = 6", "classes"),
            ("discordant = 33", "too small"),
        ],
    },
]
