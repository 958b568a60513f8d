"""The shared package of the course. Importing it is cheap: each room loads when it is first used."""

import importlib

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven expressions, alphabetical; a label is an index into this tuple. The 2013 CSV counts in another order."""

ROOMS = (
    "checks", "course", "data", "evaluation", "explain", "live", "models", "plots", "pretrained", "runs", "synthetic",
    "training", "webapp",
)  # fmt: skip


def __getattr__(name: str):
    """Import a room when it is first named, so that `import helpers` stays under half a second."""
    if name in ROOMS:
        return importlib.import_module(f"helpers.{name}")
    raise AttributeError(f"helpers has no room named {name!r}; it has: {', '.join(ROOMS)}.")


def __dir__():
    return ["CLASSES", *ROOMS]
