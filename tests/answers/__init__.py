"""For each exercise of each notebook: answers that its check must reject, and others that it must accept."""

import importlib
import pathlib

PLACES = sorted(pathlib.Path(__file__).parent.glob("nb_*.py"))


def answers(notebook: str) -> list[dict]:
    """The answers for the notebook of that name, one entry an exercise, in their order; [] where there are none yet."""
    known = {path.stem.removeprefix("nb_") for path in PLACES}
    return importlib.import_module(f"tests.answers.nb_{notebook[:2]}").ANSWERS if notebook[:2] in known else []
