"""The leaderboard: written from the stored references, up to date, and no figure beside those of another test set."""

import re

from helpers import runs
from tools import leaderboard


def tables(text: str) -> dict[str, list[str]]:
    """Each section's rows."""
    sections = re.split(r"^## ", text, flags=re.M)[1:]
    return {part.split("\n")[0]: re.findall(r"^\| `.*$", part, re.M) for part in sections}


def test_the_page_is_what_the_references_say():
    assert leaderboard.PAGE.read_text("utf-8") == leaderboard.page(), "a reference has changed: make leaderboard"


def test_every_stored_score_of_seven_classes_stands_in_one_table():
    rows = [row for found in tables(leaderboard.page()).values() for row in found]
    for entry in leaderboard.entries():
        low, high = entry["interval"]
        assert any(
            f"`{entry['name']}`" in row and f"**{entry['accuracy']:.3f}** [{low:.3f}, {high:.3f}]" in row
            for row in rows
        ), entry["name"]


def test_a_published_figure_stands_only_beside_its_own_test_set():
    found = tables(leaderboard.page())
    for name, (figure, which) in leaderboard.REPORTED.items():
        for title, rows in found.items():
            beside = [row for row in rows if f"`{name}`" in row and f"| {figure} |" in row]
            assert not beside or title == which, (name, title)
    assert any("0.5617" in row for row in found["PublicTest"])


def test_public_and_private_test_are_told_apart_by_their_pictures():
    sets = {(e["name"], e["set"]) for e in leaderboard.entries()}
    assert {("emotion_net", "PrivateTest"), ("emotion_net", "PublicTest"), ("baseline", "PublicTest")} <= sets
    assert ("baseline", "PrivateTest") not in sets
    assert leaderboard.by_counts({"scores": {"confusion": [[1, 2], [3, 4]]}}) is None
    assert "confusion" in runs.record("baseline")["scores"]


def test_the_figure_has_every_whole_set_score_and_is_the_same_each_time():
    first, again = leaderboard.figure(), leaderboard.figure()
    assert first == again and first.startswith(b"<?xml")
    assert all(name in first.decode() for name in ("emotion_net", "baseline"))
