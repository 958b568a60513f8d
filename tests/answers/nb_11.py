"""The exercises of notebook 11: answers that their checks must reject, and others that they must accept."""

ANSWERS = [
    {
        "wrong": [
            "def rectangle(table, x, y, w, h):\n    return table[y + h, x + w] - table[y, x + w] - table[y + h, x]",
            "def rectangle(table, x, y, w, h):\n    return table[y + h, x + w] - table[y, x]",
            "def rectangle(table, x, y, w, h):\n    return table[x + w, y + h] - table[x + w, y] - table[x, y + h] + table[x, y] if x + w < 10 else 0",
            "def rectangle(table, x, y, w, h):\n    a, b = y + h - 1, x + w - 1\n    return table[a, b] - table[y, b] - table[a, x] + table[y, x]",
        ],
        "right": [
            "def rectangle(table, x, y, w, h):\n    part = table[y : y + h + 1, x : x + w + 1]\n    return part[0, 0] + part[-1, -1] - part[0, -1] - part[-1, 0]",
        ],
    },
    {
        "wrong": [
            "def live_path(crop):\n    return crop[None, ..., None] / 255",
            "def live_path(crop):\n    return crop[None]",
            "def live_path(crop):\n    return crop[..., None]",
            "def live_path(crop):\n    return crop[None, ..., None] / 127.5 - 1",
            "def live_path(crop):\n    return crop.T[None, ..., None]",
        ],
        "right": [
            "def live_path(crop):\n    return np.expand_dims(crop, (0, 3))",
            "def live_path(crop):\n    return crop.reshape(1, 48, 48, 1).astype('float32')",
        ],
    },
    {
        "wrong": [
            "def keep(dt, half_life):\n    return np.exp(-dt / half_life)",
            "def keep(dt, half_life):\n    return 1 - 0.5 ** (dt / half_life)",
            "def keep(dt, half_life):\n    return 0.5",
            "def keep(dt, half_life):\n    return 0.5 ** (half_life / dt)",
        ],
        "right": ["def keep(dt, half_life):\n    return np.exp(-np.log(2) * dt / half_life)"],
    },
]
