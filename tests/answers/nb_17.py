"""The exercises of notebook 17: right answers, and wrong ones with a word of the hint they must get."""

NEED = "def faces_needed(half_width, share):\n    "
GAP = "def worst_gap(right, group, least):\n    "
NAMES = "names = [one for one in set(group.tolist()) if {least}]\n    "
WORST = "worst = min(names, key=lambda one: right[group == one].mean())\n    "
ENOUGH = NAMES.format(least="(group == one).sum() >= least") + WORST
ALL = NAMES.format(least="True") + WORST

CARD = {
    "Intended use": "For lessons on how such networks fail.",
    "Data": "Trained on FER-2013; the groups are drawn faces.",
    "Results": "Accuracy 0.695 [0.680, 0.710] on PrivateTest.",
    "Results by group": "Dark tones 0.43 [0.36, 0.51], 147 drawn persons.",
    "Limits": "Never tested on people by tone.",
    "Not for": "Any decision about a person.",
    "Licence": "MIT for the weights.",
    "Contact": "The issue page of the repository.",
}


def card(left_out: str = "", mark: str = "## {}", **changes: str) -> str:
    """A card as an assignment, without one of its parts or with a part's text changed."""
    parts = CARD | {name.replace("_", " "): text for name, text in changes.items()}
    lines = [f"{mark.format(name)}\n{text}" for name, text in parts.items() if name != left_out]
    return f"card = {'# A card' + chr(10) + chr(10).join(lines)!r}"


ANSWERS = [
    {
        "right": [
            f"{NEED}return int(np.ceil((1.96 / half_width) ** 2 * share * (1 - share)))",
            f"{NEED}return -(-(1.96**2 * share * (1 - share) / half_width**2) // 1)",
            f"{NEED}n = 1\n    while 1.96 * np.sqrt(share * (1 - share) / n) > half_width:\n        n += 1\n    return n",
        ],
        "wrong": [
            (f"{NEED}return (1.96 / half_width) ** 2 * share * (1 - share)", "round up"),
            (f"{NEED}return int((1.96 / half_width) ** 2 * share * (1 - share))", "Rounded down"),
            (f"{NEED}return np.ceil((1 / half_width) ** 2 * share * (1 - share))", "one standard error"),
            (f"{NEED}return np.ceil((1.96 / half_width) ** 2 * 0.25)", "worst case"),
            (f"{NEED}return np.ceil((3.92 / half_width) ** 2 * share * (1 - share))", "one side already"),
            (f"{NEED}return np.ceil(1.96 / half_width * np.sqrt(share * (1 - share)))", "under a root"),
        ],
    },
    {
        "right": [
            f"{GAP}{ENOUGH}return difference(right[group == worst], right[group != worst])",
            f"{GAP}{ENOUGH}return np.array(difference(right[group == worst], right[group != worst]))",
            f"{GAP}table = pd.Series(right).groupby(group).agg(['mean', 'size'])\n"
            "    worst = table[table['size'] >= least]['mean'].idxmin()\n"
            "    return list(difference(right[group == worst], right[group != worst]))",
        ],
        "wrong": [
            (f"{GAP}{ALL}return difference(right[group == worst], right[group != worst])", "in one case 5"),
            (f"{GAP}{ENOUGH}return difference(right[group != worst], right[group == worst])", "sign"),
            (f"{GAP}{ENOUGH}return difference(right[group == worst], right)", "not among them"),
            (f"{GAP}{ENOUGH}return difference(right[group == worst], right[group != worst])[0]", "interval is missing"),
            (
                f"{GAP}{ENOUGH}best = max(names, key=lambda one: right[group == one].mean())\n"
                "    return difference(right[group == worst], right[group == best])",
                "best group",
            ),
        ],
    },
    {
        "right": [
            card(),
            card(mark="**{}**"),
            card("Results by group", Fairness="Light 0.61 [0.54, 0.68], dark 0.43 ± 0.08; n = 147 drawn persons each."),
        ],
        "wrong": [
            (card("Not for"), "not for"),
            (card("Results by group"), "by group"),
            (card("Contact"), "contact"),
            (card("Licence"), "licence"),
            (card("Limits"), "limits"),
            (card("Data"), "data"),
            (card("Intended use"), "intended use"),
            (card(Results="Accuracy 0.695 on PrivateTest."), "no interval"),
            (card(Limits=""), "empty"),
            ("card = CLASSES", "in quotes"),
        ],
    },
]
