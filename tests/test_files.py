"""Files are written whole or not at all, and names are sorted as people count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.files import CourseError, natural, write_atomically


def test_a_file_is_replaced_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "record.json"
    for text in ("first", "second"):
        with write_atomically(path) as draft:
            draft.write_text(text)
            assert not path.exists() or path.read_text() == "first"
    assert path.read_text() == "second" and list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "record.json"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"), write_atomically(path) as draft:
        draft.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_in_names_are_counted(numbers):
    names = [f"face_{number}.png" for number in numbers]
    assert sorted(names, key=natural) == [f"face_{number}.png" for number in sorted(numbers)]


@given(st.lists(st.text()))
def test_any_names_can_be_sorted(names):
    assert sorted(sorted(names, key=natural), key=natural) == sorted(names, key=natural)


def test_an_error_names_the_problem_and_the_fix():
    error = CourseError("The file x.csv is empty.", "Download it again.")
    assert str(error) == "The file x.csv is empty. Download it again." and error.reason == "The file x.csv is empty."
