"""Slides for each session of teaching/sessions.md, from the notebooks' own cells; reveal.js and MathJax lie beside them.

python -m tools.classroom.slides                  build/slides/: a deck a session, index.html; open it in a browser

A row of a plan becomes a slide with what to do and, from the sections that it links to: what to predict, each figure with the
sentence that reads it (a cell whose metadata names what the sentence depends on), and an exercise with its stub.
"""

import dataclasses
import functools
import html
import json
import pathlib
import re
import shutil
import tarfile

from nbconvert.filters.markdown_mistune import markdown2html_mistune

from book import alt, npm
from tools.notebooks import FOLDER, ROOT, read

SESSIONS, OUT = ROOT / "teaching" / "sessions.md", ROOT / "build" / "slides"
PARTS = pathlib.Path(__file__).parent / "deck"  # the page around the slides, and their look
PACKAGES = json.loads((PARTS / "packages.json").read_text("utf-8"))
LINK = re.compile(r"\[[^\]]*\]\(\.\./notebooks/(\w+)\.ipynb#([^)]+)\)")
FIGURES, WORDS = 2, 70  # of a section, at most; words below a figure


@dataclasses.dataclass
class Session:
    """A session of the plan: its number and title, its goal, and its rows (minutes, what, [(notebook, place)])."""

    name: str
    goal: str
    rows: list[tuple[str, str, list[tuple[str, str]]]]


def sessions(text: str) -> list[Session]:
    """The plans of 8, 12 and 4 sessions, session by session."""
    found = []
    for part in re.split(r"^### ", text, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        if not re.match(r"\d+\.\d+ ", name):
            continue
        goal = re.search(r"Goal: (.+)", body)
        rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", body, re.M)
        found.append(
            Session(name, goal[1] if goal else "", [(n, what, LINK.findall(where)) for n, what, where in rows])
        )
    return found


def slug(heading: str) -> str:
    """The place of a heading in its page, as GitHub names it."""
    return re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")


@functools.cache
def sections(name: str) -> dict[str, tuple[str, list]]:
    """A notebook's sections by their places: heading and cells, up to the next heading that is not deeper."""
    starts, cells = [], [part for cell in read(FOLDER / f"{name}.ipynb").cells for part in at_headings(cell)]
    for i, cell in enumerate(cells):
        found = re.search(r"^(#{1,3}) (.+?)\s*$", cell.source, re.M) if cell.cell_type == "markdown" else None
        if found:
            starts.append((i, len(found[1]), found[2]))
    made = {}
    for k, (start, depth, heading) in enumerate(starts):
        end = next((i for i, other, _ in starts[k + 1 :] if other <= depth), len(cells))
        deeper = next((i for i, _, _ in starts[k + 1 :] if i < end), end)
        made[slug(heading)] = heading, cells[start : end if deeper == end else deeper]
    return made


def at_headings(cell) -> list:
    """A text cell cut before each of its headings: a section may begin in the middle of a cell."""
    if cell.cell_type == "code" or "```" in cell.source:
        return [cell]
    pieces = [piece for piece in re.split(r"(?=^#{1,3} )", cell.source, flags=re.M) if piece.strip()]
    return [type(cell)(cell | {"source": piece.strip()}) for piece in pieces]


def slides(session: Session) -> list[str]:
    """Each slide of a session as HTML."""
    made = [f"<h1>{html.escape(session.name)}</h1><p>{text(session.goal[:1].upper() + session.goal[1:])}</p>"]
    for minutes, what, where in session.rows:
        made.append(f"<p class=minutes>{minutes} min</p><p class=what>{text(what)}</p>")
        for name, place in where:
            heading, cells = sections(name)[place]
            made += of_section(f"{name[:2]} · {heading}", cells)
    return made


def of_section(title: str, cells: list) -> list[str]:
    """A section's slides: what to predict, its figures as read, an exercise's task and stub, or what to remember."""
    if stub := next((cell for cell in cells if "exercise" in cell.metadata.get("tags", [])), None):
        task = re.sub(r"^#+ .*\n", "", cells[0].source).split("<details")[0].strip()
        return [f"<h2>{text(title)}</h2><div class=task>{text(shortened(task))}</div>{code(stub.source)}"]
    made = [
        f"<h2>{text(title)}</h2><p class=predict>{text(shortened(paragraph.removeprefix('**Predict first.**').strip()))}</p>"
        for cell in cells
        if cell.cell_type == "markdown"
        for paragraph in cell.source.split("\n\n")
        if paragraph.startswith("**Predict first")
    ]
    for i, cell in enumerate(cells):
        for png in pictures(cell)[:1]:
            words = html.escape(alt.describe(cells, i), quote=True)
            shown = f'<img src="data:image/png;base64,{png}" alt="{words}">'
            made.append(f"<h2>{text(title)}</h2>{shown}<p>{text(reading(cells, i))}</p>")
    lists = [
        cell.source for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("## What to remember")
    ]
    made += [f"<h2>{text(title)}</h2>{text(source.partition(chr(10))[2].split('## ')[0])}" for source in lists]
    return made[: FIGURES + 2]


def pictures(cell) -> list[str]:
    """The figures of a cell."""
    return [found["data"]["image/png"] for found in cell.get("outputs", []) if "image/png" in found.get("data", {})]


def reading(cells: list, i: int) -> str:
    """The sentence that reads the figure of cell i, where the next text does."""
    for cell in cells[i + 1 :]:
        if cell.cell_type == "markdown":
            return shortened(cell.source.split("\n\n")[0]) if "course" in cell.metadata else ""
        if pictures(cell):
            break
    return ""


def shortened(words: str) -> str:
    """As many whole sentences as a slide has room for; a table, a list or a formula is not cut."""
    kept = ""
    for sentence in re.split(r"(?<=[.?!:]) +", words):
        if kept and len(f"{kept} {sentence}".split()) > WORDS:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def text(markdown: str) -> str:
    """Markdown as HTML; a link is its words, for a slide goes nowhere."""
    words = re.sub(r"(?<!!)\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    made = markdown2html_mistune(words).strip()
    inline = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", made, re.S)
    return inline[1] if inline else made


def code(source: str) -> str:
    """A stub as it stands in the notebook."""
    return f"<pre>{html.escape(source)}</pre>"


def fetch(into: pathlib.Path) -> None:
    """reveal.js and MathJax, of one version and digest each, as files beside the decks."""
    kept = ROOT / "build" / "npm"
    kept.mkdir(parents=True, exist_ok=True)
    for name, package in PACKAGES.items():
        archive = kept / f"{name}-{package['version']}.tgz"
        if not archive.exists():
            npm.pack(f"{name}@{package['version']}", kept)
        if npm.digest(archive) != package["integrity"]:
            archive.unlink()
            raise SystemExit(
                f"{archive.name} is not the file that tools/classroom/deck/packages.json names; it was deleted."
            )
        with tarfile.open(archive) as content:
            for inside in package["files"]:
                (into / pathlib.Path(inside).name).write_bytes(content.extractfile(f"package/{inside}").read())


def write(folder: pathlib.Path) -> list[pathlib.Path]:
    """A deck for each session, and a page that lists them."""
    page, decks = (PARTS / "deck.html").read_text("utf-8"), []
    for session in sessions(SESSIONS.read_text("utf-8")):
        number = session.name.split()[0]
        inside = "\n".join(f"<section>{slide}</section>" for slide in slides(session))
        decks.append(folder / f"{number}.html")
        decks[-1].write_text(page.replace("TITLE", html.escape(session.name)).replace("SLIDES", inside), "utf-8")
    listed = "".join(f'<li><a href="{deck.name}">{title(deck)}</a>' for deck in decks)
    (folder / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>Slides</title><ul>{listed}</ul>", "utf-8"
    )
    return decks


def title(deck: pathlib.Path) -> str:
    """A deck's title."""
    return re.search("<title>(.*?)</title>", deck.read_text("utf-8"))[1]


def main() -> None:
    """All decks, and what they need."""
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "beside").mkdir(parents=True)
    fetch(OUT / "beside")
    shutil.copy2(PARTS / "deck.css", OUT / "beside" / "deck.css")
    decks = write(OUT)
    print(
        f"{len(decks)} decks in {OUT.relative_to(ROOT)}/: open index.html there. Arrow keys move, F fills the screen, ? helps."
    )


if __name__ == "__main__":
    main()
