"""A network that a lesson writes is the one that `helpers.models` keeps for later lessons, layer by layer.

The cell that writes it names it in its metadata: {"course": {"network": "trial_1"}}. It ends with the network in a
variable `model`, or defines a function of that name; it may use what the notebook's imports bring, and `here`.
"""

import types

import keras
import pytest
from nbformat import v4

from helpers import environment, models
from tools.notebooks import SERIES, code_cells, read

FREE = ("name", "seed", "dtype")  # of a layer's configuration: what may differ without being another network


def imports_of(notebook) -> str:
    """The notebook's own import cell, without the lines that would start the course."""
    return next(cell.source for cell in code_cells(notebook)[1:] if "import" in cell.source)


def written(notebook, cell) -> keras.Model:
    """The network that a cell writes, built as the student builds it."""
    here = types.SimpleNamespace(profile=environment.PROFILES["quick"], seed=0)
    names = {"here": here}
    exec(imports_of(notebook), names)
    exec(cell.source, names)
    name = cell.metadata["course"]["network"]
    return names[name]() if callable(names.get(name)) else names["model"]


def settled(config):
    """A layer's configuration without what may differ."""
    if isinstance(config, dict):
        return {key: settled(value) for key, value in config.items() if key not in FREE}
    return [settled(value) for value in config] if isinstance(config, (list, tuple)) else config


def described(net: keras.Model) -> list[tuple]:
    """Each layer in order: kind, configuration, the shapes of its weights, and from which layers it takes its input."""
    place = {layer.name: i for i, layer in enumerate(net.layers)}
    rows = []
    for layer in net.layers:
        sources = [place.get(tensor._keras_history.operation.name) for tensor in keras.tree.flatten(layer.input)]
        rows.append((type(layer).__name__, settled(layer.get_config()), [w.shape for w in layer.weights], sources))
    return rows


def differences(lesson: keras.Model, kept: keras.Model) -> list[str]:
    """Where two networks differ, a line each."""
    ours, theirs = described(lesson), described(kept)
    lines = [f"layer {i}: {a} is not {b}" for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b]
    return lines + [f"{len(ours)} layers are not {len(theirs)}"] * (len(ours) != len(theirs))


NETWORKS = [
    pytest.param(path, number, id=f"{path.stem[:2]}-{cell.metadata['course']['network']}")
    for path in SERIES
    for number, cell in enumerate(read(path).cells)
    if cell.metadata.get("course", {}).get("network")
]


@pytest.mark.parametrize(("path", "number"), NETWORKS)
def test_the_lessons_network_is_the_one_that_is_kept(path, number):
    notebook = read(path)
    cell = notebook.cells[number]
    assert cell.source.count("\n") < 20, "a network fits into a cell of 20 lines"
    name = cell.metadata["course"]["network"]
    assert not differences(written(notebook, cell), models.build(name))


LESSON = """image = keras.Input((48, 48, 1))
x = layers.Rescaling(1 / 255)(image)
for filters in (32, 64):
    x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.25)(x)
x = layers.Flatten()(x)
x = layers.Dense(128, activation="relu")(x)
x = layers.Dropout(0.25)(x)
model = keras.Model(image, layers.Dense(7, activation="softmax", dtype="float32")(x))"""


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("", ""), []),
        (("0.25", "0.5"), ["'rate': 0.5"]),
        (('padding="same", ', ""), ["'padding': 'valid'"]),
        (("Dense(128", "Dense(64"), ["'units': 64"]),
        (("    x = layers.Dropout(0.25)(x)\n", ""), ["layers are not"]),
        (("model = keras.Model(image,", "skip = layers.Flatten()(image)\nmodel = keras.Model(image,"), []),
    ],
)
def test_a_difference_is_found_and_named(change, found):
    cell = v4.new_code_cell(LESSON.replace(*change), metadata={"course": {"network": "baseline"}})
    imports = v4.new_code_cell("import keras\nfrom keras import layers")
    lines = differences(
        written(v4.new_notebook(cells=[v4.new_code_cell("setup"), imports, cell]), cell), models.build("baseline")
    )
    assert bool(lines) == bool(found) and all(any(word in line for line in lines) for word in found), lines
