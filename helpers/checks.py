"""Comparing an answer with what is right, kindly: a check prints what it thinks and never raises."""

import json
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

RIGHT, WRONG, OPEN = "✓", "✗", "…"
QUIZZES = pathlib.Path(__file__).parent / "assets" / "quiz"


def say(mark: str, text: str) -> bool:
    """Print a verdict; True when it is a good one."""
    print(mark, text)
    return mark == RIGHT


def unanswered(answer) -> bool:
    """Whether the dots of the exercise still stand there."""
    return answer is ... or answer is None or (isinstance(answer, tuple | list) and any(part is ... for part in answer))


def number(
    answer, right: float, hints: Mapping[float, str] | None = None, rtol: float = 1e-6, atol: float = 1e-9
) -> bool:
    """Check a number up to a tolerance; `hints` says what a foreseen wrong number comes from."""
    if unanswered(answer):
        return say(OPEN, "Not answered yet: put your number where the dots are.")
    try:
        value = float(answer)
    except (TypeError, ValueError):
        return say(WRONG, f"Expected a number, got {type(answer).__name__}.")
    if math.isnan(value):
        return say(WRONG, "The answer is nan, not a number: something was divided by nothing, perhaps.")
    if math.isclose(value, right, rel_tol=rtol, abs_tol=atol):
        return say(RIGHT, f"{value:.6g} is right.")
    for foreseen, text in (hints or {}).items():
        if math.isclose(value, foreseen, rel_tol=max(rtol, 2e-3), abs_tol=atol):
            return say(WRONG, f"{value:.6g} is not it. {text}")
    return say(WRONG, f"{value:.6g} is not it: too {'large' if value > right else 'small'}.")


def same(answer, right, hints: Mapping | None = None) -> bool:
    """Check an exact answer: a word, a whole number, or a tuple or list of them."""

    def plain(value):
        if isinstance(value, np.ndarray | np.generic):
            value = value.tolist()
        if isinstance(value, str):
            return value.strip().lower()
        return tuple(plain(part) for part in value) if isinstance(value, list | tuple) else value

    if unanswered(answer):
        return say(OPEN, "Not answered yet: put your answer where the dots are.")
    if plain(answer) == plain(right):
        return say(RIGHT, f"{answer} is right.")
    hint = next((f" {text}" for value, text in (hints or {}).items() if plain(answer) == plain(value)), "")
    if not hint and isinstance(plain(right), tuple):
        got = len(answer) if isinstance(answer, list | tuple | np.ndarray) else 1
        if got != len(right):
            hint = f" Expected {len(right)} parts, got {got}."
    return say(WRONG, f"{answer} is not it.{hint}")


def chosen(answer, right: tuple, hints: Mapping | None = None) -> bool:
    """Check which of several numbered statements were picked: in any order, as a tuple, a list, a set or an array."""
    if unanswered(answer):
        return same(answer, right)
    try:
        picked = np.ravel(list(answer) if isinstance(answer, set | frozenset) else answer)
        numbers = tuple(sorted({int(value) for value in picked}))
    except (TypeError, ValueError):
        return say(WRONG, f"Expected the numbers of the statements, such as (1, 2), got {type(answer).__name__}.")
    return same(numbers, right, hints)


def array(answer, right, hints: Sequence[tuple] = (), atol: float = 1e-5, rtol: float = 1e-5) -> bool:
    """Check an array up to a tolerance, element by element; says where it first differs."""
    if unanswered(answer):
        return say(OPEN, "Not answered yet: put your array where the dots are.")
    try:
        got, want = np.asarray(answer, float), np.asarray(right, float)
    except (TypeError, ValueError):
        return say(WRONG, f"Expected an array of numbers, got {type(answer).__name__}.")
    if got.shape != want.shape:
        return say(WRONG, f"The shape is {got.shape}; expected {want.shape}.")
    bad = ~np.isclose(got, want, atol=atol, rtol=rtol)
    if not bad.any():
        return say(RIGHT, f"All {got.size:,} values are right.")
    for value, text in hints:
        value = np.asarray(value, float)
        if value.shape == got.shape and np.allclose(got, value, atol=atol, rtol=rtol):
            return say(WRONG, f"Not it. {text}")
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    return say(
        WRONG,
        f"{bad.sum():,} of {got.size:,} values are off; the first at {first}: {got[first]:.4g}, expected {want[first]:.4g}.",
    )


def function(
    answer, cases: Sequence[tuple[tuple, object]], hints: Sequence[tuple[Callable, str]] = (), atol: float = 1e-9
) -> bool:
    """Check a function on several inputs; `hints` pairs foreseen wrong functions with what they got wrong."""
    if unanswered(answer):
        return say(OPEN, "Not answered yet: write the body of the function.")
    if not callable(answer):
        return say(WRONG, f"Expected a function, got {type(answer).__name__}.")

    def agrees(got, want) -> bool:
        try:
            got, want = np.asarray(got, float), np.asarray(want, float)
        except (TypeError, ValueError):
            return False
        return got.shape == want.shape and bool(np.allclose(got, want, atol=atol, rtol=1e-6, equal_nan=True))

    results = []
    for inputs, want in cases:
        try:
            result = answer(*inputs)
        except Exception as error:  # the student's own code may raise anything
            return say(WRONG, f"Your function stopped with {type(error).__name__}: {error}")
        if unanswered(result):
            return say(OPEN, "Not answered yet: the function returns nothing so far.")
        results.append((inputs, result, want))
    wrong = [(inputs, result, want) for inputs, result, want in results if not agrees(result, want)]
    if not wrong:
        return say(RIGHT, f"Right on all {len(cases)} inputs.")
    for foreseen, text in hints:
        if all(agrees(result, foreseen(*inputs)) for inputs, result, _ in results):
            return say(WRONG, f"Not it. {text}")
    _, result, want = wrong[0]
    return say(
        WRONG,
        f"Wrong on {len(wrong)} of {len(cases)} inputs. One of them gave {shown(result)}; expected {shown(want)}.",
    )


def shown(value) -> str:
    """A value as a short text."""
    text = np.array2string(np.asarray(value), precision=4, threshold=8) if isinstance(value, np.ndarray) else f"{value}"
    return text if len(text) < 80 else f"{text[:77]}..."


def quiz(name: str) -> None:
    """Show a notebook's quiz: buttons where the page can run them, and the same questions folded up as plain text."""
    from IPython.display import HTML, display

    questions = json.loads((QUIZZES / f"{name}.json").read_text("utf-8"))
    try:
        from jupyterquiz import display_quiz

        display_quiz(questions, shuffle_answers=False, max_width=760, colors={"--jq-multiple-choice-bg": "#1b4f72"})
    except ImportError:
        pass  # the plain text below serves
    items = []
    for question in questions:
        answers = "".join(
            f"<li>{answer['answer']} <i>{'Right' if answer['correct'] else 'Wrong'}: {answer['feedback']}</i></li>"
            for answer in question["answers"]
        )
        items.append(f"<li><b>{question['question']}</b><ul>{answers}</ul></li>")
    display(
        HTML(
            f"<details><summary>The same questions as plain text, with answers</summary><ol>{''.join(items)}</ol></details>"
        )
    )
