"""The exercises of notebook 10: right answers, and wrong ones with a word of the hint they must get."""

LOOP = """def occlusion_map(score, face, window, stride):
    height, width = face.shape
    rows = []
    for {first} in range(0, {long} - window + 1, stride):
        row = []
        for {second} in range(0, {short} - window + 1, stride):
            covered = {copy}
            covered[top:top + window, left:left + window] = {fill}
            row.append({drop})
        rows.append(row)
    return {result}"""
RIGHT = {
    "first": "top",
    "second": "left",
    "long": "height",
    "short": "width",
    "copy": "face.astype(float)",
    "fill": "face.mean()",
    "drop": "score(face[None])[0] - score(covered[None])[0]",
    "result": "np.array(rows)",
}
SWAPPED = {"first": "left", "second": "top", "long": "width", "short": "height"}
MASS = "def mass(maps, inside):\n    return "


def loop(**changes: str) -> str:
    """The right answer as a loop, with something changed."""
    return LOOP.format(**RIGHT | changes)


DOTS = "explain.logits({net}, dotted(smiles.images))"
CLEAN = "explain.logits({net}, smiles.images)"
FOOLED = {"net": "fooled"}
RISE = f"({DOTS} - {CLEAN})".format(**FOOLED)
SHARES = (
    f"[np.exp(v) / np.exp(v).sum(axis=1, keepdims=True) for v in ({DOTS.format(**FOOLED)}, {CLEAN.format(**FOOLED)})]"
)

ANSWERS = [
    {
        "right": [
            loop(),
            loop(result="rows"),
            loop(**SWAPPED, result="np.array(rows).T.astype('float32')"),
        ],
        "wrong": [
            (loop(drop="score(face[None]) - score(covered[None])"), "[0]"),
            (loop(**SWAPPED), "axes are swapped"),
            (loop(fill="0"), "black"),
            (loop(drop="score(covered[None])[0] - score(face[None])[0]"), "sign"),
            (loop(drop="score(covered[None])[0]"), "not the drops"),
            (loop(fill="covered[top:top + window, left:left + window].mean()"), "own mean"),
            (loop(copy="face"), "Work on a copy"),
            (loop(copy="covered if rows or row else face.astype(float)"), "fresh copy"),
            (loop(drop="abs(score(face[None])[0] - score(covered[None])[0])"), "below 0"),
            (loop(result="np.ravel(rows)"), "in one row"),
        ],
    },
    {
        "right": [
            f"{MASS}[m[i].sum() / m.sum() for m, i in zip(maps, inside)]",
            f"{MASS}np.einsum('nij,nij->n', maps, inside) / maps.reshape(len(maps), -1).sum(1)",
            f"{MASS}((maps * inside).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))).astype('float32')",
        ],
        "wrong": [
            (f"{MASS}(maps * inside).sum() / maps.sum()", "each map"),
            (f"{MASS}(maps * ~inside).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))", "outside"),
            (f"{MASS}(maps * inside).sum(axis=(1, 2))", "whole map"),
            (f"{MASS}inside.mean(axis=(1, 2))", "area"),
            (f"{MASS}(maps * inside).sum(axis=(1, 2)) / inside.sum(axis=(1, 2))", "region's size"),
            (f"{MASS}(maps * inside).max(axis=(1, 2)) / maps.max(axis=(1, 2))", "strongest"),
            (
                f"{MASS}(maps * inside).sum(axis=(1, 2), keepdims=True) / maps.sum(axis=(1, 2), keepdims=True)",
                "shape is (4, 1, 1), expected (4,)",
            ),
        ],
    },
    {
        "right": ["allowed = [4, 1]", "allowed = {1, 4}", "allowed = np.array([1.0, 4.0])"],
        "wrong": [
            ("allowed = (1, 2, 4)", "not sufficient"),
            ("allowed = (1, 3, 4)", "plausible"),
            ("allowed = (4,)", "does not care"),
            ("allowed = {1, 4, 5}", "background"),
            ("allowed = (1, 4, 6)", "darkest"),
            ("allowed = 1", "one thing only"),
        ],
    },
    {
        "right": [
            f"worth = {RISE}[:, 3]",
            f"worth = {RISE}[:, HAPPY].astype('float32').tolist()",
            f"worth = keras.ops.convert_to_tensor({RISE})[:, HAPPY]",
        ],
        "wrong": [
            (f"worth = -{RISE}[:, HAPPY]", "sign"),
            (f"shares = {SHARES}\nworth = (shares[0] - shares[1])[:, HAPPY]", "compare logits"),
            (f"shares = {SHARES}\nworth = np.log(shares[0] / shares[1])[:, HAPPY]", "logarithm"),
            (f"worth = ({DOTS} - {CLEAN})[:, HAPPY]".replace("{net}", "plain"), "never saw a dot"),
            (f"worth = {DOTS}[:, HAPPY]".format(**FOOLED), "without it"),
            (f"worth = {RISE}", "all seven"),
            (f"worth = {RISE}[:, HAPPY].mean()", "each face"),
            (f"worth = {RISE}[:, HAPPY, None]", "shape is (70, 1), expected (70,)"),
        ],
    },
]
