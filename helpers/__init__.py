"""What the lessons import. Importing it is cheap: each module loads when it is first used."""

import importlib

MODULES = (
    "checks", "course", "data", "environment", "evaluation", "explain", "files", "models", "plots", "pretrained",
    "progress", "runs", "skipping", "training",
)  # fmt: skip


def __getattr__(name: str):
    """Import a module when it is first named, so that `import helpers` stays under half a second."""
    if name == "CLASSES":
        return importlib.import_module("drawn_faces").CLASSES
    if name in MODULES:
        return importlib.import_module(f"helpers.{name}")
    raise AttributeError(f"helpers has no module named {name!r}; it has: {', '.join(MODULES)}.")


def __dir__():
    return ["CLASSES", *MODULES]
