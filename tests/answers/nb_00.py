"""The exercises of notebook 00: right answers, and wrong ones with a word of the hint they must get."""

CSV = "['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral']"

ANSWERS = [
    {
        "right": [
            "top_two = tuple(CLASSES[i] for i in np.argsort(-probabilities[face])[:2])",
            "top_two = np.array(CLASSES)[np.argsort(-probabilities[face])[:2]]",
            "top_two = [f' {CLASSES[i].upper()}' for i in np.argsort(probabilities[face])[:-3:-1]]",
        ],
        "wrong": [
            (
                "face = int(np.argmax(probabilities[:, 4:6].max(axis=1)))\n"  # a class that stands elsewhere in the CSV file
                f"top_two = [{CSV}[i] for i in np.argsort(-probabilities[face])[:2]]",
                "CSV",
            ),
            ("top_two = [CLASSES[i] for i in np.argsort(-probabilities[face])[:2]][::-1]", "most probable first"),
            ("top_two = [CLASSES[i] for i in np.argsort(probabilities[face])[-2:]]", "most probable first"),
            ("top_two = CLASSES[probabilities[face].argmax()]", "second"),
            ("top_two = np.argsort(-probabilities[face])[:2]", "CLASSES"),
            ("top_two = {CLASSES[i] for i in np.argsort(-probabilities[face])[:2]}", "no order"),
            ("top_two = ('happy', None)", "not it"),
            ("top_two = 3", "words"),
        ],
    },
    {
        "right": [
            "to_beat = np.bincount(sets.test.labels).max() / len(sets.test.labels) * (1 + 1e-9)",
            "to_beat = np.float32(np.bincount(sets.test.labels).max() / len(sets.test.labels))",
            "to_beat = [round(np.bincount(sets.test.labels).max() / len(sets.test.labels), 3)]",
            "to_beat = max((sets.test.labels == k).mean() for k in range(7))",
        ],
        "wrong": [
            ("to_beat = 1 / 7", "even guess"),
            ("to_beat = 0.143", "even guess"),
            ("to_beat = np.bincount(sets.test.labels).max()", "divide"),
            ("to_beat = 100 * np.bincount(sets.test.labels).max() / len(sets.test.labels)", "percent"),
            ("to_beat = 1 - np.bincount(sets.test.labels).max() / len(sets.test.labels)", "wrong"),
            ("to_beat = 'a quarter'", "one number"),
        ],
    },
]
