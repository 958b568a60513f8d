"""For each exercise of each notebook: right answers in several forms, and wrong ones with a word of the hint they must get."""

import importlib


def answers(notebook: str) -> list[dict]:
    """The answers for the notebook of that name, one entry an exercise, in their order."""
    return importlib.import_module(f"tests.answers.nb_{notebook[:2]}").ANSWERS
