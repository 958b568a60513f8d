"""What Sphinx gets: the notebooks with words for their figures, and pages made from them and from the repository's own."""

import pathlib
import posixpath
import re
import shutil

import nbformat

from book import alt
from tools.notebooks import FOLDER, ROOT, SERIES, read

HERE = pathlib.Path(__file__).resolve().parent
PARTS = {  # the table of contents: a heading, and the numbers of its notebooks
    "Faces and data": "00 01 02",
    "Report 1: a network from scratch": "03 04 05 06 07",
    "Report 1: a network that has seen a lot": "08 09",
    "Looking inside, and live": "10 11",
    "Four more reports, refereed": "12 13 14 15",
    "Out into the world": "16 17",
}
PAGES = {  # page of the book: the file of the repository that it shows
    "leaderboard": "docs/leaderboard.md",
    "drawn_faces": "docs/drawn_faces.md",
    "data": "data/README.md",
} | {f"card_{path.stem}": f"helpers/assets/{path.name}" for path in sorted((ROOT / "helpers/assets").glob("*.md"))}
TEACHING = {"teaching": "teaching/README.md"} | {
    f"teaching_{page}": f"teaching/{page}.md" for page in "sessions notebooks assessment questions law alone".split()
}
PAGES |= TEACHING
OWN = ["remember", "glossary"]  # the book's own pages, after the series
CARD = re.compile(r"\*\*(?P<read>\d+) minutes? to read.*?, (?P<run>\d+) minutes? to run\*\*")


def repository() -> str:
    """The one address of the repository: the one that the citation names."""
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    return re.search(r'^repository-code: "(https://github\.com/[^"]+)"', citation, re.M)[1]


def stems(numbers: str) -> list[str]:
    """The notebooks of a part by their names."""
    return [path.stem for number in numbers.split() for path in SERIES if path.name.startswith(number)]


def write(folder: pathlib.Path) -> None:
    """Fill a folder with everything that Sphinx reads."""
    shutil.copytree(HERE / "pages", folder)
    shutil.copytree(HERE / "static", folder / "static")
    (folder / "notebooks").mkdir()
    for path in SERIES:
        nbformat.write(prepared(read(path)), folder / "notebooks" / path.name)
    for page, source in PAGES.items():
        text = (ROOT / source).read_text("utf-8")
        (folder / f"{page}.md").write_text(relinked(text, posixpath.dirname(source)), "utf-8")
    shutil.copy(ROOT / "docs" / "leaderboard.svg", folder)
    (folder / "remember.md").write_text(remember(), "utf-8")
    (folder / "made").mkdir()
    (folder / "made" / "series.md").write_text(series(), "utf-8")
    (folder / "made" / "contents.md").write_text(contents(), "utf-8")


def prepared(notebook):
    """A notebook as the book shows it: no badges (each page has launch buttons), words for figures, solutions folded."""
    opening = notebook.cells[0]
    opening.source = re.sub(r"^\[!\[.*\n+", "", opening.source, flags=re.M)
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, "notebooks")
            continue
        tags, shown = cell.metadata.get("tags", []), {}
        for tag, words in (("setup", "the setup cell"), ("solution", "the solution")):
            if tag in tags:
                cell.metadata["tags"] = [*tags, "hide-input"]
                shown |= {"code_prompt_show": f"Show {words}", "code_prompt_hide": f"Hide {words}"}
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            shown["image"] = {"alt": alt.describe(notebook.cells, i)}
        if shown:
            cell.metadata["mystnb"] = shown
    return notebook


def relinked(text: str, home: str) -> str:
    """Markdown whose links to files of the repository lead to a page of the book, or else to the file on GitHub."""
    pages = {source: f"{page}.md" for page, source in PAGES.items()} | {"docs/leaderboard.svg": "leaderboard.svg"}

    def replaced(match: re.Match) -> str:
        target, mark, place = match[1].partition("#")
        path = posixpath.normpath(posixpath.join(home, target))
        if path in pages:
            path = pages[path]
        elif not path.startswith("notebooks/"):
            return f"]({repository()}/blob/main/{path}{mark}{place})"
        return f"]({posixpath.relpath(path, 'notebooks' if home == 'notebooks' else '.')}{mark}{place})"

    return re.sub(r"\]\((?!\w+:|#)([^)\s]+)\)", replaced, text)


def title(notebook) -> str:
    """A notebook's title, number first."""
    return re.match(r"# (.*)", notebook.cells[0].source)[1]


def minutes(notebook) -> tuple[int, int]:
    """What the opening promises: minutes to read, minutes to run."""
    found = CARD.search(notebook.cells[0].source)
    return int(found["read"]), int(found["run"])


def learned() -> dict[str, str]:
    """What is learned in each notebook, in the words of README's map."""
    rows = re.findall(
        r"^\| \[\d\d\]\(notebooks/(\w+)\.ipynb\) \|.*?\| (.*) \|$", (ROOT / "README.md").read_text("utf-8"), re.M
    )
    return dict(rows)


def series() -> str:
    """The map: each notebook with what it teaches, the minutes to read and to run, part by part."""
    words, lines, total = learned(), [], [0, 0]
    for part, numbers in PARTS.items():
        lines += [f"### {part}", "", "| lesson | you learn | minutes |", "|---|---|---|"]
        for stem in stems(numbers):
            notebook = read(FOLDER / f"{stem}.ipynb")
            reading, running = minutes(notebook)
            total = [total[0] + reading, total[1] + running]
            name = title(notebook).partition(":")[0]
            lines.append(f"| [{name}](notebooks/{stem}.ipynb) | {words[stem]} | {reading} + {running} |")
        lines.append("")
    hours = f"{total[0] / 60:.0f} hours to read and try, and {total[1]} minutes to run on two cores without a GPU"
    return "\n".join([f"Minutes are those to read and try, plus those to run. All of it: {hours}.", "", *lines])


def contents() -> str:
    """The tables of contents, one for each part, which make the menu at the left."""
    tables = [(part, [f"notebooks/{stem}" for stem in stems(numbers)]) for part, numbers in PARTS.items()]
    tables.append(("To look things up", [*OWN, *(page for page in PAGES if page not in TEACHING)]))
    tables.append(("To teach, or to learn alone", list(TEACHING)))
    return "\n".join(
        "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
        for caption, pages in tables
    )


def remember() -> str:
    """One page of what to remember, from the end of every notebook."""
    lines = ["# What to remember", "", "The last section of every lesson, on one page.", ""]
    for path in SERIES:
        notebook = read(path)
        text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        found = re.search(r"^## What to remember\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1].strip()
        lines += [
            f"## [{title(notebook)}](notebooks/{path.name})",
            "",
            re.sub(r"\]\((\d\d_)", r"](notebooks/\1", found),
            "",
        ]
    return "\n".join(lines)
