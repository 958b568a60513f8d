"""A check tells right from wrong, is lenient about form, strict about substance, prints one line and never raises."""

import json
import math

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks
from helpers.checks import OPEN, WRONG

finite = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3)
CHECKS = {
    "number": lambda answer: checks.number(answer, 0.5),
    "array": lambda answer: checks.array(answer, np.ones(4)),
    "function": lambda answer: checks.function(answer, abs, [(-1,), (2,)]),
    "chosen": lambda answer: checks.chosen(answer, (1, 4), dict.fromkeys(range(1, 6), "Think again.")),
    "same": lambda answer: checks.same(answer, ("x", "y")),
    "exercise": lambda answer: checks.exercise("02/1", answer, np.array([3, 3, 1])),
}


@given(finite)
def test_number_accepts_what_rounding_does_and_rejects_more(right):
    assert checks.number(right * (1 + 1e-9), right)
    assert checks.number(np.float32(right), right)
    assert checks.number(float(f"{right:.3g}"), right)
    assert not checks.number(right * 1.02, right)
    assert not checks.number(-right, right)


@given(st.integers(1, 10**6))
def test_a_count_is_exact(right):
    assert checks.number(float(right), right) and checks.number(np.int64(right), right)
    assert not checks.number(right + 1, right) and not checks.number(right - 1, right)


def test_three_digits_are_right_and_two_are_not(capsys):
    assert checks.number(0.143, 1 / 7) and "more digits" in capsys.readouterr().out
    assert not checks.number(0.14, 1 / 7) and "three significant digits" in capsys.readouterr().out


@pytest.mark.parametrize(
    "holder", [list, tuple, set, frozenset, np.array, lambda x: keras.ops.convert_to_tensor(list(x), dtype="float32")]
)
def test_any_container_and_float32_will_do(holder):
    assert checks.number(holder([1 / 7]), 1 / 7)
    assert checks.chosen(holder([4, 1]), (1, 4), dict.fromkeys(range(1, 6), ""))
    assert checks.array(holder([0.1, 0.2]), np.array([0.1, 0.2]))
    assert checks.function(lambda x: holder([x / 7]), lambda x: x / 7, [(1,), (2,)])


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("answer", [..., None, (..., 3), [None, None]])
def test_an_untouched_stub_is_open_and_not_wrong(check, answer, capsys):
    CHECKS[check](answer)
    assert capsys.readouterr().out.startswith(OPEN)


class Hostile:
    """Raises whatever is done with it."""

    def __getattribute__(self, name):
        raise RuntimeError("first line\nsecond line")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "answer",
    ["many\nlines", [1, 2], {}, {1, "x"}, [[1], [1, 2]], (1, None), math.nan, math.inf, 1j, object(), np.zeros((9, 9)),
     keras.KerasTensor((2,)), Hostile, lambda: 1, lambda x: 1 / 0, set()],
)  # fmt: skip
def test_nonsense_is_wrong_on_one_line_and_raises_nothing(check, answer, capsys):
    assert not CHECKS[check](answer)
    text = capsys.readouterr().out
    assert text.startswith(WRONG) and text.count("\n") == 1 and len(text) < 300


@pytest.mark.parametrize("check", CHECKS)
def test_an_answer_that_raises_at_every_touch_is_wrong_on_one_line(check, capsys):
    assert not CHECKS[check](Hostile())
    assert capsys.readouterr().out.startswith(WRONG) and "second line" not in capsys.readouterr().out


def test_the_first_foreseen_mistake_that_fits_gets_its_hint(capsys):
    checks.number(0.2494, 1 / 7, [(0.24937, "the accuracy"), (0.2494, "something else")])
    assert "the accuracy" in capsys.readouterr().out
    checks.number(0, 5, [(0, "compare pixels"), (0, "something else")])
    assert "compare pixels" in capsys.readouterr().out
    checks.array([2, 1], [1, 2], [([2, 1], "the other way round")])
    assert "the other way round" in capsys.readouterr().out
    checks.same(["b", "a"], ("a", "b"), [(("b", "a"), "the other way round")])
    assert "the other way round" in capsys.readouterr().out
    checks.function(lambda x: 2 * x, lambda x: x, [(1,), (3,)], [(lambda x: 2 * x, "twice too much")])
    assert "twice too much" in capsys.readouterr().out


def test_same_is_lenient_about_form_and_strict_about_order(capsys):
    assert checks.same([" Happy", "sad"], ("happy", "sad"))
    assert checks.same(np.array(["happy", "sad"]), ("happy", "sad"))
    assert not checks.same(("happy",), ("happy", "sad"))
    capsys.readouterr()
    assert not checks.same({"sad", "happy"}, ("happy", "sad")) and "order" in capsys.readouterr().out


def test_chosen_names_one_statement_and_not_how_many_are_right(capsys):
    reasons = {k: f"reason {'abcde'[k - 1]}" for k in range(1, 6)}
    for answer, words in (((1, 2, 3, 4), "reason b"), ({1}, "reason d"), (5, "reason e"), ((), "reason a")):
        assert not checks.chosen(answer, (1, 4), reasons)
        text = capsys.readouterr().out
        assert words in text and text.count("reason") == 1 and not any(digit in text for digit in "0123456789")
    for answer in ((1, 9), (1.5, 4), "1, 4"):
        assert not checks.chosen(answer, (1, 4), reasons) and "from 1 to 5" in capsys.readouterr().out


@given(st.lists(finite, min_size=2, max_size=20))
def test_array_accepts_near_and_rejects_one_wrong_entry(values):
    right = np.array(values)
    assert checks.array(right + 1e-9, right) and checks.array(right.astype("float32"), right)
    wrong = right.copy()
    wrong[-1] += 1 + abs(wrong[-1])
    assert not checks.array(wrong, right)
    assert not checks.array(right[None], right)


def test_a_wrong_shape_is_named_as_shapes(capsys):
    checks.array(np.zeros((2, 3, 1)), np.zeros((2, 3)))
    assert "(2, 3, 1), expected (2, 3)" in capsys.readouterr().out
    checks.function(lambda x: x[:, None], lambda x: x, [(np.arange(4),)])
    assert "(4, 1), expected (4,)" in capsys.readouterr().out


def test_function_must_be_right_on_all_inputs(capsys):
    inputs = [(1.0,), (4.0,), (9.0,)]
    assert checks.function(math.sqrt, math.sqrt, inputs)
    assert not checks.function(lambda x: x if x == 1 else 2.0, math.sqrt, inputs)
    assert "1 of 3" in capsys.readouterr().out
    assert not checks.function(lambda x: 1 / 0, math.sqrt, inputs)
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_none_in_one_branch_is_wrong_and_none_everywhere_is_open(capsys):
    inputs = [(1,), (2,)]
    checks.function(lambda x: x if x > 1 else None, lambda x: x, inputs)
    assert capsys.readouterr().out.startswith(WRONG)
    checks.function(lambda x: None, lambda x: x, inputs)
    assert capsys.readouterr().out.startswith(OPEN)


def test_a_function_that_overwrites_its_input_is_judged_by_its_result(capsys):
    def double(x):
        x *= 2
        return x

    given = np.arange(3.0)
    assert checks.function(double, lambda x: 2 * x, [(given,), (given,)]) and given.tolist() == [0, 1, 2]
    assert not checks.function(double, lambda x: 3 * x, [(given,)]) and "copy" in capsys.readouterr().out


def test_quizzes_have_one_right_answer_and_a_word_for_each():
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


def test_a_quiz_without_its_buttons_says_so_and_shows_the_questions_with_folded_answers(monkeypatch, capsys):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda thing: shown.append(thing.data))
    monkeypatch.setitem(__import__("sys").modules, "jupyterquiz", None)
    checks.quiz("00_start_here")
    assert "jupyterquiz" in capsys.readouterr().out
    questions = json.loads((checks.QUIZZES / "00_start_here.json").read_text("utf-8"))
    for question in questions:
        folded = shown[-1].split(question["question"])[1].split("</details>")[0]
        visible, _, hidden = folded.partition("<details>")
        assert question["answers"][0]["answer"] in visible and question["answers"][0]["feedback"] in hidden
    assert "Right" not in shown[-1].split("<details>")[1]
