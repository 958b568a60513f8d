"""The exercises of notebook 14: right answers, and wrong ones with a word of the hint they must get."""

ANSWERS = [
    {
        "right": [
            "most_points = (1 - 0.6612) * 542 / 7_066 * 100",
            "most_points = 2.6",
            "most_points = np.float32(100 * 542 * 0.3388 / IMAGES)",
            "most_points = [2.54]",
        ],
        "wrong": [
            ("most_points = 100 * 542 / 7_066", "right anyway"),
            ("most_points = 7.7", "right anyway"),
            ("most_points = (1 - 0.6612) * 542 / 7_066", "points"),
            ("most_points = 100 * 0.6612 * 542 / 7_066", "only the others"),
            ("most_points = 100 * (1 - 0.6612) * 542 / 28_821", "7,066"),
            ("most_points = 68.72", "afterwards"),
            ("most_points = 542 * (1 - 0.6612)", "pictures"),
            ("most_points = 24.52", "report"),
            ("most_points = 2.8", "too large"),
        ],
    },
    {
        "right": [
            "reading = (28_821 * 0.9703 + 7_066 * 0.6612) / 35_887",
            "reading = 0.909",
            "reading = np.float64(0.803 * 0.9703 + 0.197 * 0.6612)",
        ],
        "wrong": [
            ("reading = 0.197 * 0.9703 + 0.803 * 0.6612", "swapped"),
            ("reading = (0.9703 + 0.6612) / 2", "plain mean"),
            ("reading = 0.6612 + 0.803 * 0.9703", "twice"),
            ("reading = 0.803 * 0.9703", "not seen"),
            ("reading = 0.9703", "all validation pictures"),
            ("reading = 90.9", "percent"),
            ("reading = 0.9064", "report"),
        ],
    },
]
