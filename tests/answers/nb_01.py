"""The exercises of notebook 01: right answers, and wrong ones with a word of the hint they must get."""

PARTS = "('Training', 'PublicTest', 'PrivateTest')"
COUNT = "def count_parts(names):\n    "

ANSWERS = [
    {
        "right": [
            f"import os\n{COUNT}files = [os.path.basename(n) for n in names]\n"
            f"    return [sum(f.split('_')[0] == p for f in files) for p in {PARTS}]",
            f"import pathlib\n{COUNT}return np.array([sum(pathlib.Path(n).name.startswith(p) for n in names) for p in {PARTS}])",
            f"{COUNT}return tuple(np.float32(sum(n.rsplit('/', 1)[-1][: len(p)] == p for n in names)) for p in {PARTS})",
        ],
        "wrong": [
            (f"{COUNT}return tuple(sum(p in n for n in names) for p in {PARTS})", "last piece"),
            (
                f"{COUNT}return tuple(sum(n.startswith(p) for n in names) for p in ('train', 'test', 'test'))",
                "file's own name",
            ),
            (f"{COUNT}return tuple(sum(n.startswith(p) for n in names) for p in {PARTS})", "path"),
            (f"{COUNT}return len(names)", "three numbers"),
            (f"{COUNT}return {{sum(f'/{{p}}_' in n for n in names) for p in {PARTS}}}", "shape"),
            (f"{COUNT}return tuple(sum(f'/{{p}}_' in n for n in names) for p in {PARTS}) if names else None", "branch"),
            (f"{COUNT}return names[0].split('_')[7]", "IndexError"),
            ("count_parts = 5", "function"),
        ],
    },
    {
        "right": [
            "known = set(map(bytes, train_images))\ntwins = sum(bytes(i) in known for i in sets.test.images)",
            "known = {i.tobytes() for i in train_images}\ntwins = np.float32(sum(i.tobytes() in known for i in sets.test.images))",
            "known = {i.tobytes() for i in train_images}\ntwins = np.array([i.tobytes() in known for i in sets.test.images]).sum()",
        ],
        "wrong": [
            ("twins = len(set(train_names) & set(sets.test.names))", "pixels, not names"),
            ("twins = len({i.tobytes() for i in train_images})", "different pictures"),
            (
                "known = {i.tobytes() for i in train_images}\ntwins = np.mean([i.tobytes() in known for i in sets.test.images])",
                "share",
            ),
            ("twins = len(sets.test.images)", "too large"),
        ],
    },
    {
        "right": [
            "megabytes = 38.5",
            "megabytes = np.float32(38.535168)",
            "megabytes = (np.prod((64, 224, 224, 3)) * 4e-6,)",
        ],
        "wrong": [
            ("megabytes = 64 * 224 * 224 * 3 / 1e6", "four bytes"),
            ("megabytes = 64 * 224 * 224 * 4 / 1e6", "three channels"),
            ("megabytes = 64 * 224 * 224 * 3 * 4 / 2**20", "mebibytes"),
            ("megabytes = 64 * 224 * 224 * 3 * 4", "bytes"),
            ("megabytes = 224 * 224 * 3 * 4 / 1e6", "single face"),
            ("megabytes = 38", "three significant digits"),
            ("megabytes = 77.07", "too large"),
        ],
    },
]
