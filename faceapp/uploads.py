"""Pictures of one's own in a notebook: a button that takes them, in Jupyter and on Colab. None of them stays on disk."""

from __future__ import annotations

import os

import numpy as np

from helpers import environment

from .boxes import picture


def upload():
    """A button for choosing pictures; on Colab its own dialogue, which waits until they are chosen."""
    if environment.where() == "colab":
        from google.colab import files

        chosen = files.upload()
        for name in chosen:  # Colab also writes them beside the notebook
            if os.path.exists(name):
                os.remove(name)
        return chosen
    try:
        from ipywidgets import FileUpload
    except ModuleNotFoundError as absent:
        raise ImportError(environment.lacks("ipywidgets"), name="ipywidgets") from absent
    return FileUpload(accept="image/*", multiple=True)


def uploaded(chosen) -> list[np.ndarray]:
    """The pictures that were chosen so far, decoded; none where nothing was."""
    if chosen is None:
        return []
    if not isinstance(chosen, dict):
        value = chosen.value  # ipywidgets 7 keeps them by name, ipywidgets 8 in a row
        entries = list(value.values()) if isinstance(value, dict) else list(value)
        chosen = {i: entry["content"] for i, entry in enumerate(entries)}
    return [picture(bytes(content)) for content in chosen.values()]
