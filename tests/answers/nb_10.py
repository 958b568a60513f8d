"""The exercises of notebook 10: answers that their checks must reject, and others that they must accept."""

LOOP = """def occlusion_map(score, face, window, stride):
    height, width = face.shape
    rows = []
    for {first} in range(0, {long} - window + 1, stride):
        row = []
        for {second} in range(0, {short} - window + 1, stride):
            covered = face.astype(float).copy()
            covered[top:top + window, left:left + window] = {fill}
            row.append({drop})
        rows.append(row)
    return np.array(rows)"""
RIGHT = {
    "first": "top", "second": "left", "long": "height", "short": "width", "fill": "face.mean()",
    "drop": "score(face[None])[0] - score(covered[None])[0]",
}  # fmt: skip
SWAPPED = {"first": "left", "second": "top", "long": "width", "short": "height"}


def loop(**changes: str) -> str:
    """The right answer as a loop, with something changed."""
    return LOOP.format(**RIGHT | changes)


ANSWERS = [
    {
        "wrong": [
            loop(**SWAPPED),
            loop(fill="0"),
            loop(drop="score(covered[None])[0] - score(face[None])[0]"),
            loop(drop="score(covered[None])[0]"),
            loop(fill="covered[top:top + window, left:left + window].mean()"),
            loop(fill="face.mean()").replace("face.astype(float).copy()", "face"),
            loop(drop="abs(score(face[None])[0] - score(covered[None])[0])"),
        ],
        "right": [loop()],
    },
    {
        "wrong": [
            "def mass(maps, inside):\n    return (maps * inside).sum() / maps.sum()",
            "def mass(maps, inside):\n    return (maps * ~inside).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))",
            "def mass(maps, inside):\n    return (maps * inside).sum(axis=(1, 2))",
            "def mass(maps, inside):\n    return inside.mean(axis=(1, 2))",
            "def mass(maps, inside):\n    return (maps * inside).sum(axis=(1, 2)) / inside.sum(axis=(1, 2))",
            "def mass(maps, inside):\n    return (maps * inside).max(axis=(1, 2)) / maps.max(axis=(1, 2))",
        ],
        "right": [
            "def mass(maps, inside):\n    return np.array([m[i].sum() / m.sum() for m, i in zip(maps, inside)])",
            "def mass(maps, inside):\n    return np.einsum('nij,nij->n', maps, inside) / maps.reshape(len(maps), -1).sum(1)",
        ],
    },
    {
        "wrong": ["allowed = (1, 2, 4)", "allowed = (1, 3, 4)", "allowed = (4,)", "allowed = [1, 4, 5]", "allowed = (1,)"],
        "right": ["allowed = [4, 1]", "allowed = {1, 4}"],
    },
    {
        "wrong": [
            "worth = (explain.logits(fooled, smiles.images) - explain.logits(fooled, dotted(smiles.images)))[:, HAPPY]",
            "worth = (np.asarray(fooled(dotted(smiles.images)[..., None])) - np.asarray(fooled(smiles.images[..., None])))[:, HAPPY]",
            "worth = np.log(np.asarray(fooled(dotted(smiles.images)[..., None])) / np.asarray(fooled(smiles.images[..., None])))[:, HAPPY]",
            "worth = (explain.logits(plain, dotted(smiles.images)) - explain.logits(plain, smiles.images))[:, HAPPY]",
            "worth = explain.logits(fooled, dotted(smiles.images))[:, HAPPY]",
            "worth = explain.logits(fooled, dotted(smiles.images)) - explain.logits(fooled, smiles.images)",
            "worth = (explain.logits(fooled, dotted(smiles.images)) - explain.logits(fooled, smiles.images))[:, HAPPY].mean()",
        ],
        "right": [
            "worth = explain.logits(fooled, dotted(smiles.images))[:, 3] - explain.logits(fooled, smiles.images)[:, 3]",
        ],
    },
]  # fmt: skip
