"""The exercises of notebook 11: right answers, and wrong ones with a word of the hint they must get."""

SUM = "def rectangle(table, x, y, w, h):\n    "
LIVE = "def live_path(crop):\n    return "
KEEP = "def keep(dt, half_life):\n    return "

ANSWERS = [
    {
        "right": [
            f"{SUM}part = table[y : y + h + 1, x : x + w + 1]\n"
            "    return part[0, 0] + part[-1, -1] - part[0, -1] - part[-1, 0]",
            f"{SUM}return np.float32(table[y + h, x + w] - table[y, x + w] - table[y + h, x] + table[y, x])",
            f"{SUM}return [np.diff(np.diff(table[[y, y + h]][:, [x, x + w]], axis=0), axis=1)]",
        ],
        "wrong": [
            (f"{SUM}return table[y + h, x + w] - table[y, x + w] - table[y + h, x]", "taken away twice"),
            (f"{SUM}return table[y + h, x + w] - table[y, x]", "two look-ups"),
            (f"{SUM}return table[x + w, y + h] - table[x, y + h] - table[x + w, y] + table[x, y]", "rows first"),
            (
                f"{SUM}a, b = y + h - 1, x + w - 1\n    return table[a, b] - table[y, b] - table[a, x] + table[y, x]",
                "one row and one column",
            ),
            (f"{SUM}return table[y : y + h, x : x + w].sum()", "sums already"),
        ],
    },
    {
        "right": [
            f"{LIVE}np.expand_dims(crop, (0, 3))",
            f"{LIVE}crop.reshape(1, 48, 48, 1).astype('float32')",
            "import keras\n" + f"{LIVE}keras.ops.convert_to_tensor(crop[None, ..., None], dtype='float32')",
        ],
        "wrong": [
            (f"{LIVE}crop[None, ..., None] / 255", "bug itself"),
            (f"{LIVE}crop[None]", "channel is missing"),
            (f"{LIVE}crop[..., None]", "batch is missing"),
            (f"{LIVE}crop[None, ..., None] / 127.5 - 1", "did not scale"),
            (f"{LIVE}crop.T[None, ..., None]", "swapped"),
            (f"{LIVE}crop[None, None]", "comes last"),
            (f"{LIVE}np.stack([crop] * 3, axis=-1)[None]", "RGB"),
            (f"{LIVE}crop", "shape is (48, 48), expected (1, 48, 48, 1)"),
        ],
    },
    {
        "right": [
            f"{KEEP}np.exp(-np.log(2) * dt / half_life)",
            f"{KEEP}np.float32(0.5 ** (dt / half_life))",
            f"{KEEP}[2 ** -(dt / half_life)]",
        ],
        "wrong": [
            (f"{KEEP}np.exp(-dt / half_life)", "1/e"),
            (f"{KEEP}1 - 0.5 ** (dt / half_life)", "new frame"),
            (f"{KEEP}0.5", "one half-life apart"),
            (f"{KEEP}0.5 ** (half_life / dt)", "upside down"),
            (f"{KEEP}1 - 0.5 * dt / half_life", "straight line"),
            (f"{KEEP}None if dt < 0.1 else 0.5 ** (dt / half_life)", "branch"),
        ],
    },
]
