"""What makes two runs the same run: everything that their weights follow from, as one dictionary."""

import inspect
import json
import re
import types
import weakref

import numpy as np

from helpers import runs

from .checkpoint import memory, values

AS_MADE = weakref.WeakKeyDictionary()  # callback -> what it was when it was first seen: training changes it


def configured(model, data, callbacks: list, options: dict) -> dict:
    """What a run follows from, the seed aside: network, first weights, how it is compiled, data, callbacks, options."""
    parts = [data.train, data.validation, data.test]
    return {
        "network": runs.digest(architecture(model)),
        "first_weights": weights(model),
        "compiled": nameless(model.get_compile_config()),
        "images": [runs.digest(part.images, part.labels) for part in parts],
        "callbacks": [AS_MADE.setdefault(callback, described(callback)) for callback in callbacks],
        **options,
    }


def weights(model) -> str:
    """The digest of all of a model's weights."""
    return runs.digest(*values(model.variables))


def architecture(model) -> str:
    """The network as text, without the numbers that Keras gives to names in the order in which layers were made."""
    text = model.to_json()
    for i, layer in enumerate(model._flatten_layers(include_self=False)):
        text = text.replace(f'"{layer.name}"', f'"layer {i}"')
    return json.dumps(
        {key: value for key, value in json.loads(text)["config"].items() if key != "name"}, sort_keys=True
    )


def nameless(config):
    """A configuration without names, which Keras numbers in the order in which things were made."""
    if isinstance(config, dict):
        return {key: nameless(value) for key, value in config.items() if key != "name"}
    return [nameless(value) for value in config] if isinstance(config, (list, tuple)) else config


def described(callback) -> list[str]:
    """A callback in words: its class, its values, and the code of functions that it was given, such as a schedule."""
    functions = [meaning(value) for value in vars(callback).values() if inspect.isfunction(value)]
    return [type(callback).__name__, *map(str, memory(callback)), *functions]


def meaning(function) -> str:
    """A function's code and the values that it uses: two schedules of the learning rate are two runs."""
    uses = inspect.getclosurevars(function)
    outside = {name: getattr(value, "__name__", value) for name, value in {**uses.globals, **uses.nonlocals}.items()}
    parts = [outside, function.__defaults__, function.__kwdefaults__, *instructions(function.__code__)]
    return re.sub(r" at 0x[0-9a-f]+", "", str(parts))


def instructions(code: types.CodeType) -> list:
    """What a piece of code does, without where it stands."""
    constants = [instructions(part) if isinstance(part, types.CodeType) else part for part in code.co_consts]
    return [code.co_code.hex(), code.co_names, constants]


def augmenting(augment, images: np.ndarray) -> str | None:
    """The digest of what an augmentation does to the first pictures; one that does something else each time is refused."""
    if augment is None:
        return None
    once, twice = (runs.digest(np.asarray(augment(images[:8, ..., None].copy(), [0, 0, 0]))) for _ in range(2))
    if once != twice:
        raise ValueError(
            "augment(images, seed) gave two results for one seed: take every random number from np.random.default_rng(seed)."
        )
    return once
