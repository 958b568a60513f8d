"""The teacher's kit holds together: links, headings and exercises exist, plans fit their minutes, the question bank is well formed."""

import collections
import difflib
import functools
import json
import pathlib
import re

import pytest

from tools.classroom.slides import slug
from tools.notebooks import FOLDER, ROOT, SERIES, minutes_to_read, read, tagged

TEACHING = ROOT / "teaching"
PAGES = sorted(TEACHING.glob("*.md"))
BANK = (TEACHING / "questions.md").read_text("utf-8")
MINUTES = json.loads((ROOT / "helpers/assets/minutes.json").read_text("utf-8"))
NUMBERS = [path.stem[:2] for path in SERIES]
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
DECIMAL = re.compile(r"(?<![\w.,])[+-]?\d?\.\d{2,}(?![\w.])")


def headings(text: str) -> list[str]:
    """The headings of a Markdown text, outside of code."""
    return re.findall(r"^#{1,3} (.+?)\s*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)


@functools.cache
def stem(number: str) -> str:
    return next(path.stem for path in SERIES if path.stem.startswith(number))


@functools.cache
def notebook(name: str):
    return read(FOLDER / f"{name}.ipynb")


@functools.cache
def places(path: pathlib.Path) -> dict[str, str]:
    """The headings of a page or notebook by their places."""
    if path.suffix == ".ipynb":
        cells = [cell.source for cell in notebook(path.stem).cells if cell.cell_type == "markdown"]
        return {slug(heading): heading for heading in headings("\n\n".join(cells))}
    return {slug(heading): heading for heading in headings(path.read_text("utf-8"))}


@functools.cache
def reading(name: str) -> dict[str, float]:
    """Minutes to read each section of a notebook, by its place: 130 words and 2 code cells a minute."""
    minutes, here = collections.Counter(), ""
    for cell in notebook(name).cells:
        if cell.cell_type == "code":
            minutes[here] += 0.5
            continue
        for line in cell.source.split("\n"):
            if found := re.match(r"#{1,3} (.+?)\s*$", line):
                here = slug(found[1])
            minutes[here] += len(line.split()) / 130
    return minutes


@functools.cache
def everything(name: str) -> str:
    """All that a reader of a notebook sees: text, code and outputs, without colours."""
    parts = []
    for cell in notebook(name).cells:
        parts.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            parts += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(parts))


def run_minutes(numbers: list[str]) -> float:
    return sum(MINUTES[stem(number)]["standard"] for number in numbers)


def linked(text: str) -> list[str]:
    """The numbers of the notebooks that a text links to, each once, in order."""
    return list(dict.fromkeys(re.findall(r"\.\./notebooks/(\d\d)_", text)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page):
    text = page.read_text("utf-8")
    for words, target in LINK.findall(text):
        if target.startswith("https://"):
            continue
        name, _, place = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: [{words}]({target})"
        if place:
            assert place in places(path), f"{page.name}: {path.name} has no heading for [{words}]({target})"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_headings_and_exercises_are_named_as_they_are(page):
    for words, target in LINK.findall(page.read_text("utf-8")):
        path = (page.parent / target.partition("#")[0]).resolve()
        if path.suffix != ".ipynb":
            continue
        place = target.partition("#")[2]
        if found := re.fullmatch(r"exercise (\d\d)/(\d+)", words):
            assert path.stem.startswith(found[1]) and places(path)[place].startswith(f"Exercise {found[2]}: "), words
            assert f'checks.exercise("{found[1]}/{found[2]}"' in everything(path.stem), f"{words} has no check"
        elif found := re.fullmatch(r"(\d\d) · (.+)", words):
            title = words if not place else found[2]
            assert path.stem.startswith(found[1]) and title in places(path).values(), f"{page.name}: {words}"
            assert not place or slug(title) == place, f"{page.name}: {words} leads to {place}"


def plans() -> dict[str, str]:
    """Each session of the three courses: its title and its text."""
    parts = re.split(r"^### ", (TEACHING / "sessions.md").read_text("utf-8"), flags=re.M)[1:]
    return {part.split("\n")[0]: part for part in parts}


def rows(text: str) -> list[tuple[int, str]]:
    """The lines of a minute plan: minutes, and the rest."""
    return [(int(minutes), rest) for minutes, rest in re.findall(r"^\| (\d+) \| (.*) \|$", text, re.M)]


def test_there_are_courses_of_8_12_and_4_sessions():
    counts = collections.Counter(title.split(".")[0] for title in plans())
    assert counts == {"8": 8, "12": 12, "4": 4}


@pytest.mark.parametrize("title", plans())
def test_a_session_fits_into_90_minutes(title):
    text = plans()[title]
    assert 75 <= sum(minutes for minutes, _ in rows(text)) <= 90
    for minutes, rest in rows(text):
        groups = rest.count("; [") + 1  # sections of several groups, which read at the same time
        targets = re.findall(r"\.\./notebooks/(\w+)\.ipynb#([^)]+)\)", rest)
        needed = sum(reading(name)[place] for name, place in targets) / groups
        assert needed <= 1.15 * minutes + 1, f"{minutes} minutes for {needed:.0f} minutes of reading: {rest[:80]}"


@pytest.mark.parametrize("title", plans())
def test_what_takes_long_is_run_first_and_its_minutes_are_those_measured(title):
    text = plans()[title]
    first = "\n".join(line for line in text.split("\n") if "Run first" in line)
    announced = re.findall(r"((?:\[\d\d\]\([^)]*\)(?:, )?)+) \(about (\d+) min\)", first)
    assert announced, "says what to run first"
    for links, minutes in announced:
        measured = run_minutes(linked(links))
        assert abs(int(minutes) - measured) <= max(2, 0.25 * measured), f"{minutes} min announced, {measured} measured"
        assert measured <= 20, "too long to wait for"
    for number in linked("".join(rest for _, rest in rows(text))):
        assert number in linked(first) or run_minutes([number]) < 1 or title.startswith(("4.2", "8.8")), (
            f"{number} is used and not run first"
        )


def test_the_table_of_minutes_is_that_of_the_notebooks():
    table = re.findall(
        r"^\| \[(\d\d)\]\([^)]*\) \| (\d+) \| (\d+) \| (\d+) \|$", (TEACHING / "notebooks.md").read_text("utf-8"), re.M
    )
    assert [number for number, *_ in table] == NUMBERS
    for number, to_read, to_run, exercises in table:
        name = stem(number)
        assert abs(int(to_read) - minutes_to_read(notebook(name))) <= 5, f"{number}: minutes to read"
        assert abs(int(to_run) - run_minutes([number])) <= 2, f"{number}: minutes to run"
        assert int(exercises) == len(tagged(notebook(name), "exercise")), f"{number}: exercises"


def test_each_notebook_has_its_guide():
    parts = re.split(r"^## ", (TEACHING / "notebooks.md").read_text("utf-8"), flags=re.M)[1:]
    assert [part[1:3] for part in parts] == NUMBERS
    for part in parts:
        for piece in ("**Goal.**", "**Heart:**", "| students say | you say |", "**Goes wrong.**", "**Discuss.**"):
            assert piece in part, f"{part[:30]}: no {piece}"
        assert 3 <= part.count('\n| "') <= 6, f"{part[:30]}: misconceptions"


def test_numbers_quoted_from_a_notebook_stand_in_it():
    for part in re.split(r"^## ", (TEACHING / "notebooks.md").read_text("utf-8"), flags=re.M)[1:]:
        text = re.sub(r"\]\([^)]*\)", "]", part)
        for number in DECIMAL.findall(text):
            bare = number.lstrip("+-")
            assert bare.lstrip("0") in everything(stem(part[1:3])), f"{part[1:3]}: {number} does not stand there"


def test_the_paths_of_a_reader_alone_take_the_minutes_announced():
    text = (TEACHING / "alone.md").read_text("utf-8")
    parted = [0, set()]
    for line in re.findall(r"^\| (?:\d|S\w+day) \|.*$", text, re.M):
        cells = line.split(" | ")
        numbers, announced = linked(cells[1]), int(re.search(r"\d+", cells[2])[0])
        if "Part" in cells[1]:  # a notebook over two evenings
            parted = [parted[0] + announced, parted[1] | set(numbers)]
            continue
        check_path(numbers, announced)
    check_path(sorted(parted[1]), parted[0])
    check_path(NUMBERS, int(re.search(r"(\d+) minutes in all", text)[1]))


def check_path(numbers: list[str], announced: int) -> None:
    taken = sum(minutes_to_read(notebook(stem(number))) for number in numbers) + run_minutes(numbers)
    assert abs(announced - taken) <= max(10, 0.12 * taken), f"{numbers}: {announced} announced, {taken:.0f} taken"


def test_monday_morning_takes_ten_minutes_and_its_commands_exist():
    text = (TEACHING / "README.md").read_text("utf-8")
    assert sum(minutes for minutes, _ in rows(text)) == 10
    assert "python -m tools.stamp" in text and (ROOT / "tools/stamp.py").exists()
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "helpers").rglob("*.py"))
    for name in set(re.findall(r"COURSE_[A-Z_]+", "\n".join(page.read_text("utf-8") for page in PAGES))):
        assert f'"{name}"' in code, f"{name} is no variable of the course"
    for target in set(re.findall(r"`make ([a-z-]+)", "\n".join(page.read_text("utf-8") for page in PAGES))):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.M), f"make {target}"


QUESTION = re.compile(
    r"### (?P<number>\d\d)-(?P<count>\d+) · level (?P<level>[123])\n\n(?P<text>.+)\n\n"
    r"(?P<choices>(?:- \*\*[A-D]\*\* .+\n){4})\n"
    r"<details><summary>Answer</summary>\n\n\*\*(?P<answer>[A-D])\*\*\n\n(?P<words>(?:- \*\*[A-D]\*\* .+\n){4})\n</details>\n"
)


def questions() -> list[dict]:
    """The bank, parsed: each question with its four choices, and a word on each."""
    found = []
    for match in QUESTION.finditer(BANK):
        lines = {
            part: dict(re.findall(r"^- \*\*([A-D])\*\* (.+)$", match[part], re.M)) for part in ("choices", "words")
        }
        found.append(match.groupdict() | lines)
    return found


def test_the_bank_has_sixty_well_formed_questions_over_all_notebooks():
    bank = questions()
    assert len(bank) >= 60 and len(bank) == BANK.count("\n### "), "a question is not written as the others are"
    counts = collections.Counter(one["number"] for one in bank)
    assert set(counts) == set(NUMBERS) and min(counts.values()) >= 3
    assert min(collections.Counter(one["level"] for one in bank).values()) >= 12, "all three levels"
    letters = collections.Counter(one["answer"] for one in bank)
    assert max(letters.values()) <= len(bank) / 3, "no letter is the answer too often"
    for one in bank:
        name = f"{one['number']}-{one['count']}"
        assert list(one["choices"]) == list(one["words"]) == list("ABCD"), name
        assert len(set(one["choices"].values())) == len(set(one["words"].values())) == 4, f"{name}: said twice"
        assert [letter for letter, words in one["words"].items() if words.startswith("Right. ")] == [one["answer"]], (
            name
        )
        assert min(len(words) for words in one["words"].values()) >= 10, f"{name}: too short a word on a choice"
    places_in_bank = [(one["number"], int(one["count"])) for one in bank]
    assert places_in_bank == sorted(set(places_in_bank)), "numbered in order"


def test_no_question_of_the_bank_is_one_of_a_quiz():
    quizzes = [
        question["question"]
        for path in (ROOT / "helpers/assets/quiz").glob("*.json")
        for question in json.loads(path.read_text("utf-8"))
    ]
    for one in questions():
        for other in quizzes:
            alike = difflib.SequenceMatcher(None, one["text"].lower(), other.lower(), autojunk=False)
            assert alike.real_quick_ratio() < 0.75 or alike.quick_ratio() < 0.75 or alike.ratio() < 0.75, (
                one["text"],
                other,
            )


def test_numbers_of_the_run_shown_stand_in_the_notebook():
    for one in questions():
        if "n the run shown" in one["text"]:
            for number in DECIMAL.findall(one["text"]):
                assert number.lstrip("+-") in everything(stem(one["number"])), (
                    f"{one['number']}-{one['count']}: {number}"
                )


def test_the_law_is_that_of_notebook_17():
    law, lesson = (TEACHING / "law.md").read_text("utf-8"), everything(stem("17"))
    for fact in ("2 February 2025", "2024/1689", "5(1)(f)", "50(3)", "save for medical or safety reasons"):
        assert fact in law and fact in lesson, fact
    assert "no legal advice" in law
