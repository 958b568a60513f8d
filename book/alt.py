"""Words for a figure: its title, from the call that draws it, and what came out, from the sentences that read it."""

import ast
import inspect
import re

from helpers import plots

LONGEST = 320  # characters of what came out
READING = "In the run shown"


def describe(cells: list, i: int) -> str:
    """What a reader who cannot see the figures of cell i hears instead."""
    found = titles(cells[i].source)
    count = sum("image/png" in output.get("data", {}) for output in cells[i].outputs)
    words = "; ".join(found) or heading(cells, i) or "A figure"
    if count > len(found) == 1:
        words = f"One of {count} figures: {words}"
    words = words if words.endswith((".", "?", "!")) else f"{words}."
    return f"{words} {reading(cells, i)}".strip()


def titles(source: str) -> list[str]:
    """The titles that a cell gives its figures; what is only known when it runs stands as three dots."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a line that only IPython understands
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [title(call) for call in sorted(calls, key=lambda call: call.lineno)]
    return list(dict.fromkeys(filter(None, found)))


def title(call: ast.Call) -> str:
    """The title in a call of a function of `plots`, or of Matplotlib's own."""
    name = ast.unparse(call.func)
    if name.endswith(("set_title", "suptitle")) and call.args:
        return text(call.args[0])
    function = getattr(plots, name.removeprefix("plots."), None) if name.startswith("plots.") else None
    if not inspect.isfunction(function) or any(isinstance(value, ast.Starred) for value in call.args):
        return ""
    names = list(inspect.signature(function).parameters)
    given = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords}
    return text(given.get("title"))


def text(node: ast.AST | None) -> str:
    """A string of the source as words."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())
    if isinstance(node, ast.JoinedStr):
        return " ".join("".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values).split())
    if isinstance(node, ast.BinOp):
        return f"{text(node.left)} {text(node.right)}".strip()
    return ""


def heading(cells: list, i: int) -> str:
    """The nearest heading above."""
    for cell in reversed(cells[:i]):
        lines = re.findall(r"^#+ (.*)$", cell.source, re.M) if cell.cell_type == "markdown" else []
        if lines:
            return plain(lines[-1])
    return ""


def reading(cells: list, i: int) -> str:
    """The first sentences of the paragraph that reads the figure: that of the next text before another heading."""
    for cell in cells[i + 1 : i + 4]:
        if cell.cell_type != "markdown":
            continue
        before = re.split(r"^#+ ", cell.source, maxsplit=1, flags=re.M)[0]
        paragraphs = [
            part for part in before.split("\n\n") if part.strip() and not part.startswith(("**Predict", "|", "<"))
        ]
        read = next((part for part in paragraphs if part.startswith(READING)), (paragraphs or [""])[0])
        return shortened(plain(read))
    return ""


def plain(markdown: str) -> str:
    """Markdown without its marks."""
    words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    words = re.sub(r"\$+([^$]*)\$+", r"\1", words)
    return " ".join(re.sub(r"[*`]|^[-\d]+[.]? ", "", words, flags=re.M).split())


def shortened(words: str) -> str:
    """As many whole sentences as fit, one at least."""
    kept = ""
    for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z])", words):
        if kept and len(kept) + len(sentence) > LONGEST:
            break
        kept = f"{kept} {sentence}".strip()
    return kept
