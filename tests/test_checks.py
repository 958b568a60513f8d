"""A check tells right from wrong, is lenient about form, strict about substance, and never raises."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks
from helpers.checks import OPEN, WRONG

finite = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3)


def verdict(capsys) -> str:
    return capsys.readouterr().out[0]


@given(finite)
def test_number_accepts_what_rounding_does_and_rejects_more(right):
    assert checks.number(right * (1 + 1e-9), right)
    assert checks.number(np.float64(right), right)
    assert not checks.number(right * 1.01, right)
    assert not checks.number(-right, right)


@pytest.mark.parametrize("answer", [..., None, (..., 3)])
def test_an_unanswered_exercise_is_open_and_not_wrong(answer, capsys):
    checks.number(answer, 1.0)
    assert verdict(capsys) == OPEN
    checks.same(answer, "happy")
    assert verdict(capsys) == OPEN
    checks.array(answer, np.zeros(3))
    assert verdict(capsys) == OPEN
    checks.function(answer, [((1,), 1)])
    assert verdict(capsys) == OPEN


@pytest.mark.parametrize("answer", ["many", [1, 2], {}, float("nan"), float("inf"), object(), np.zeros(3)])
def test_nonsense_is_wrong_and_raises_nothing(answer, capsys):
    for check in (
        lambda a: checks.number(a, 0.5),
        lambda a: checks.array(a, np.ones(4)),
        lambda a: checks.same(a, ("x", "y")),
    ):
        assert check(answer) is False
        assert verdict(capsys) == WRONG


def test_a_foreseen_mistake_gets_its_hint(capsys):
    checks.number(0.2494, 1 / 7, hints={0.24937: "that is the accuracy"})
    assert "that is the accuracy" in capsys.readouterr().out
    checks.same(["b", "a"], ("a", "b"), hints={("b", "a"): "the other way round"})
    assert "the other way round" in capsys.readouterr().out
    checks.function(lambda x: 2 * x, [((1,), 1), ((3,), 3)], hints=[(lambda x: 2 * x, "twice too much")])
    assert "twice too much" in capsys.readouterr().out


def test_same_is_lenient_about_form():
    assert checks.same([" Happy", "sad"], ("happy", "sad"))
    assert checks.same(np.array([1, 2]), (1, 2))
    assert not checks.same(("happy",), ("happy", "sad"))


def test_chosen_takes_any_order_and_container(capsys):
    for answer in ((4, 1), [1, 4, 4], {1, 4}, np.array([4, 1])):
        assert checks.chosen(answer, (1, 4)), answer
    for answer in ((1,), 1, "both", {1, 2}, [[1, "x"]]):
        assert not checks.chosen(answer, (1, 4)), answer
    assert not checks.chosen(..., (1, 4)) and "Not answered yet" in capsys.readouterr().out
    assert (
        not checks.chosen((2, 1), (1, 4), {(1, 2): "Not the second."}) and "Not the second." in capsys.readouterr().out
    )


@given(st.lists(finite, min_size=1, max_size=20))
def test_array_accepts_near_and_rejects_one_wrong_entry(values):
    right = np.array(values)
    assert checks.array(right + 1e-9, right)
    wrong = right.copy()
    wrong[-1] += 1
    assert not checks.array(wrong, right, atol=1e-5, rtol=1e-7)
    assert not checks.array(right[None], right)


def test_function_must_be_right_on_all_inputs_and_may_crash(capsys):
    cases = [((x,), math.sqrt(x)) for x in (1.0, 4.0, 9.0)]
    assert checks.function(math.sqrt, cases)
    assert not checks.function(lambda x: x if x == 1 else 2.0, cases)
    assert "1 of 3" in capsys.readouterr().out
    assert not checks.function(lambda x: 1 / 0, cases)
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert not checks.function(lambda: 1, cases)


def test_quizzes_have_one_right_answer_and_a_word_for_each():
    import json

    paths = sorted(checks.QUIZZES.glob("*.json"))
    assert paths
    for path in paths:
        questions = json.loads(path.read_text("utf-8"))
        assert 3 <= len(questions) <= 6, path.name
        for question in questions:
            answers = question["answers"]
            assert sum(answer["correct"] for answer in answers) == 1, question["question"]
            assert len(answers) >= 3 and all(len(answer["feedback"]) > 10 for answer in answers)
        places = {next(i for i, a in enumerate(q["answers"]) if a["correct"]) for q in questions}
        assert len(places) > 1, f"{path.name}: the right answer always stands in the same place"


def test_quiz_shows_plain_text_even_without_its_buttons(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda thing: shown.append(thing.data))
    monkeypatch.setitem(__import__("sys").modules, "jupyterquiz", None)
    checks.quiz("00_start_here")
    assert "<details>" in shown[-1] and "Right:" in shown[-1]
