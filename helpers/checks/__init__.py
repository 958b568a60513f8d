"""Comparing an answer with what is right, kindly: a check prints one line and never raises.

A notebook calls `checks.exercise("02/1", answer)`. What is right, and the hints for likely mistakes, stand in
`exercise_1` of `notebook_02.py` beside this file: the cell below a stub does not give the answer away. A new exercise
needs such a function, which ends in one of the checks below, and its answers in `tests/answers`.
"""

import base64
import contextlib
import copy
import functools
import importlib
import io
import json
import math
import pathlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral

import numpy as np

RIGHT, WRONG, OPEN = "✓", "✗", "…"
QUIZZES = pathlib.Path(__file__).parent.parent / "assets" / "quiz"


def say(mark: str, text: str) -> bool:
    """Print a verdict; True when it is a good one."""
    print(mark, text)
    return mark == RIGHT


def unanswered(answer) -> bool:
    """Whether the stub is untouched: dots, None, or nothing but None."""
    if isinstance(answer, list | tuple | set | frozenset):
        return any(part is ... for part in answer) or (len(answer) > 0 and all(part is None for part in answer))
    return answer is ... or answer is None


def kindly(check: Callable) -> Callable:
    """A check that knows an untouched stub and that no answer can stop."""

    @functools.wraps(check)
    def checked(answer, *args, **options) -> bool:
        try:
            if unanswered(answer):
                return say(OPEN, "Not answered yet: put your answer where the dots are.")
            return check(answer, *args, **options)
        except Exception as error:  # the student's own code may raise anything
            return say(WRONG, f"Your answer cannot be used as the exercise asks. It stopped with {one_line(error)}")

    return checked


def exercise(name: str, answer, *given) -> None:
    """Check the answer to the exercise "notebook/number"; `given` is what its check needs from the notebook."""
    passed(name, answer, *given)  # nothing is returned: a notebook would display it


def passed(name: str, answer, *given) -> bool:
    """The same check for a grader: whether the answer is right."""
    notebook, _, which = name.partition("/")
    module = importlib.import_module(f"{__name__}.notebook_{notebook}")
    return kindly(getattr(module, f"exercise_{which}"))(answer, *given)


def otherwise(sealed: str, name: str, answer, *given) -> str:
    """In the students' build: the code of a sealed solution while the answer is not right, so that the lesson goes on; else ''."""
    with contextlib.redirect_stdout(io.StringIO()):
        right = passed(name, answer, *given)
    return "" if right else zlib.decompress(base64.b64decode(sealed)).decode()


@kindly
def number(answer, right: float, hints: Sequence[tuple[float, str]] = (), atol: float = 0.0) -> bool:
    """Check a number. A whole number must be exact; another is right from three significant digits on, or within `atol`.

    `hints` pairs numbers that likely mistakes lead to with what to say about them; the first that fits is printed.
    """
    value = as_numbers(answer)
    if value is None or value.size != 1:
        return say(WRONG, f"Expected one number, got {brief(answer)}.")
    value = value.item()
    if math.isnan(value):
        return say(WRONG, "The answer is nan, not a number: perhaps something was divided by zero.")
    shown = f"{value:.10g}" if isinstance(right, Integral) else f"{value:.6g}"

    def near(other, rtol: float) -> bool:
        return math.isclose(value, other, rel_tol=1e-9 if isinstance(other, Integral) else rtol, abs_tol=1e-9)

    if near(right, 1e-6) or abs(value - right) <= atol:
        return say(RIGHT, f"{shown} is right.")
    for foreseen, text in hints:
        if near(foreseen, 2e-3):
            return say(WRONG, f"{shown} is not it. {text}")
    if right and not isinstance(right, Integral) and not atol:
        if abs(value - right) <= 0.501 * 10.0 ** (math.floor(math.log10(abs(right))) - 2):
            return say(RIGHT, "Right; give more digits next time.")
        if math.isclose(value, right, rel_tol=0.02):
            return say(WRONG, f"{shown} is close, but not right to three significant digits.")
        if abs(right) <= 1 and math.isclose(value, 100 * right, rel_tol=2e-3):
            return say(WRONG, f"{shown} is in percent; the exercise wants the share, between 0 and 1.")
    return say(WRONG, f"{shown} is not it: too {'large' if value > right else 'small'}.")


@kindly
def array(answer, right, hints: Sequence[tuple] = (), atol: float = 1e-5, rtol: float = 1e-5) -> bool:
    """Check an array element by element; `hints` pairs arrays that likely mistakes lead to with what to say."""
    wrong = difference(answer, right, atol, rtol)
    if not wrong:
        return say(RIGHT, f"All {np.size(right):,} values are right.")
    for foreseen, text in hints:
        if not difference(answer, foreseen, atol, rtol):
            return say(WRONG, f"Not it. {text}")
    return say(WRONG, f"Not it: {wrong}.")


@kindly
def function(
    answer,
    right: Callable,
    inputs: Sequence[tuple],
    hints: Sequence[tuple[Callable, str]] = (),
    atol: float = 1e-6,
    rtol: float = 1e-5,
) -> bool:
    """Check a function against the right one; `hints` pairs functions with likely mistakes with what to say about them."""
    if not callable(answer):
        return say(WRONG, f"Expected a function, got {brief(answer)}.")
    results, overwrites = [], False
    for given in inputs:
        own = copy.deepcopy(given)  # so that an answer that changes its input does not change the next one's
        try:
            results.append(answer(*own))
        except Exception as error:
            return say(WRONG, f"For {brief(*given)} your function stopped with {one_line(error)}")
        pairs = zip(own, given, strict=True)
        overwrites |= any(isinstance(b, np.ndarray) and not np.array_equal(a, b, equal_nan=True) for a, b in pairs)
    if all(unanswered(result) for result in results):
        return say(OPEN, "Not answered yet: the function returns nothing so far.")

    def differences(other: Callable) -> list[str]:
        return [difference(got, other(*given), atol, rtol) for given, got in zip(inputs, results, strict=True)]

    wrong = [(given, text) for given, text in zip(inputs, differences(right), strict=True) if text]
    if not wrong:
        return say(RIGHT, f"Right on all {len(inputs)} inputs.")
    for given, result in zip(inputs, results, strict=True):
        if result is None:
            return say(WRONG, f"For {brief(*given)} your function returns None: does each branch return something?")
    for foreseen, text in hints:
        if not any(differences(foreseen)):
            return say(WRONG, f"Not it. {text}")
    if overwrites:
        return say(WRONG, "Your function changes the array that it is given. Work on a copy: array.copy().")
    given, text = wrong[0]
    return say(WRONG, f"Wrong on {len(wrong)} of {len(inputs)} inputs. For {brief(*given)}: {text}.")


@kindly
def chosen(answer, right: Sequence[int], reasons: Mapping[int, str]) -> bool:
    """Check which numbered statements were picked, in any container and order.

    `reasons` has a sentence for each statement: it is printed when that one was picked wrongly or is missing.
    """
    values = as_numbers(answer)
    if values is None or not set(values.ravel()) <= set(reasons):
        return say(WRONG, f"Expected numbers of statements, from 1 to {max(reasons)}, got {brief(answer)}.")
    picked = {int(value) for value in values.ravel()}
    wrongly, missing = sorted(picked - set(right)), sorted(set(right) - picked)
    if wrongly:
        return say(WRONG, f"Not all of these. {reasons[wrongly[0]]}")
    if missing:
        return say(WRONG, f"Something is missing. {reasons[missing[0]]}")
    return say(RIGHT, "Right.")


@kindly
def same(answer, right: Sequence[str], hints: Sequence[tuple] = ()) -> bool:
    """Check words in their order, whatever holds them; upper case and spaces do not matter."""

    def plain(value) -> tuple:
        value = [value] if isinstance(value, str) else value
        return tuple(str(word).strip().lower() for word in value)

    try:
        words = plain(answer)
    except TypeError:
        return say(WRONG, f"Expected words, got {brief(answer)}.")
    if isinstance(answer, set | frozenset) and set(words) == set(plain(right)):
        return say(WRONG, "The right ones, but a set has no order: give a list or a tuple.")
    if words == plain(right):
        return say(RIGHT, f"{', '.join(words)}: right.")
    hint = next((f" {text}" for foreseen, text in hints if words == plain(foreseen)), "")
    return say(WRONG, f"{brief(answer)} is not it.{hint}")


def as_numbers(answer) -> np.ndarray | None:
    """An answer as an array of numbers, whatever holds them (NumPy, Keras, a list, a set); None where something else does."""
    try:
        plain = sorted(answer) if isinstance(answer, set | frozenset) else answer
        if any(part is None for part in np.ravel(np.asarray(plain))):
            return None  # NumPy would take it for nan
        return np.asarray(plain, dtype=float)
    except Exception:  # whatever the library of a foreign object raises
        return None


def difference(answer, right, atol: float, rtol: float) -> str:
    """What first tells an answer from the right one, in one line; "" if nothing does."""
    got, want = as_numbers(answer), np.asarray(right, dtype=float)
    if got is None:
        return f"expected {'numbers' if want.ndim else 'a number'}, got {brief(answer)}"
    if got.size == 1 and not want.ndim:
        got = got.reshape(())
    if got.shape != want.shape:
        return f"the shape is {got.shape}, expected {want.shape if want.ndim else 'a single number'}"
    off = ~np.isclose(got, want, atol=atol, rtol=rtol)
    if not off.any():
        return ""
    if not want.ndim:
        return f"got {got:.6g}, expected {want:.6g}"
    first = tuple(int(i) for i in np.argwhere(off)[0])
    place = first[0] if len(first) == 1 else first
    return f"{off.sum():,} of {got.size:,} values are off, the first at [{place}]: got {got[first]:.4g}, expected {want[first]:.4g}"


def brief(*values) -> str:
    """Values in a few words on one line."""
    if len(values) != 1:
        return f"({', '.join(map(brief, values))})"
    (value,) = values
    if hasattr(value, "shape") and len(value.shape):
        return f"an array of shape {tuple(value.shape)}"
    if callable(value):
        return "a function"
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= 60 else f"a {type(value).__name__}"


def one_line(error: Exception) -> str:
    """An error's type and the first line of its message."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:150]}"


def quiz(name: str) -> None:
    """Show a notebook's quiz: buttons where the page can run them, and the same questions folded up as plain text."""
    from IPython.display import HTML, display

    questions = json.loads((QUIZZES / f"{name}.json").read_text("utf-8"))
    try:
        from jupyterquiz import display_quiz
    except ImportError:
        print("The quiz has no buttons here (they need the package jupyterquiz). Its questions stand below as text.")
    else:
        display_quiz(questions, shuffle_answers=False, max_width=760, colors={"--jq-multiple-choice-bg": "#1b4f72"})
    items = []
    for question in questions:
        choices = "".join(f"<li>{answer['answer']}</li>" for answer in question["answers"])
        verdicts = "".join(
            f"<li>{'Right' if answer['correct'] else 'Wrong'}: {answer['feedback']}</li>"
            for answer in question["answers"]
        )
        items.append(
            f"<li><b>{question['question']}</b><ol type='a'>{choices}</ol>"
            f"<details><summary>Answers</summary><ol type='a'>{verdicts}</ol></details></li>"
        )
    text = f"<details><summary>The same questions as plain text</summary><ol>{''.join(items)}</ol></details>"
    display(HTML(text))
