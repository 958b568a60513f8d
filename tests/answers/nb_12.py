"""The exercises of notebook 12: right answers, and wrong ones with a word of the hint they must get."""

CROSSING = "def crossing(held, trained):\n    return "
COUNTS = "counts = tests.sum(axis=1)\nthree = counts[['angry', 'happy', 'sad']]\n"

ANSWERS = [
    {
        "right": [
            f"{CROSSING}int(np.isin(held, trained).sum())",
            f"{CROSSING}sum(name in set(trained) for name in held)",
            f"{CROSSING}np.float32((held[:, None] == trained[None, :]).any(axis=1).sum())",
            f"{CROSSING}len(pd.Series(held)[pd.Series(held).isin(trained)])",
        ],
        "wrong": [
            (f"{CROSSING}np.isin(trained, held).sum()", "train pictures"),
            (f"{CROSSING}len(set(held) & set(trained))", "faces"),
            (f"{CROSSING}len(np.intersect1d(held, trained))", "faces"),
            (f"{CROSSING}(~np.isin(held, trained)).sum()", "without a relative"),
            (f"{CROSSING}np.isin(held, trained).mean()", "share"),
            (f"{CROSSING}(held[:, None] == trained).sum()", "pairs"),
            (f"{CROSSING}0", "wrong on"),
        ],
    },
    {
        "right": [
            "skills = (0.603, 0.549)",
            f"{COUNTS}skills = np.array([(0.78 - n.max() / n.sum()) / (1 - n.max() / n.sum()) for n in (three,)] + [0.5484])",
            "skills = [(0.78 - 1774 / 3979) / (1 - 1774 / 3979), (0.66 - 1774 / 7178) / (1 - 1774 / 7178)]",
        ],
        "wrong": [
            ("skills = (0.67, 0.603)", "equally frequent"),
            ("skills = [(0.78 - 1 / 3) / (2 / 3), (0.66 - 1 / 7) / (6 / 7)]", "equally frequent"),
            ("skills = (0.67, 0.549)", "equally frequent"),
            ("skills = (0.549, 0.603)", "order"),
            ("skills = (0.78 - 1774 / 3979, 0.66 - 1774 / 7178)", "divide"),
            ("skills = (0.78, 0.66)", "expected"),
            ("skills = 0.603", "shape"),
        ],
    },
]
