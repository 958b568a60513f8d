"""Arrays out of a PyTorch weight file, without PyTorch and without trusting the file.

A `.pth` file is a pickle, and a pickle may run any code when it is loaded. This reader knows tensors and nothing else: the
four names that a table of tensors needs, each replaced by a function of ours, and after it the raw numbers.
(The form that `torch.save` wrote before version 1.6: five pickles, then each storage as a count and its bytes.)
"""

import collections
import math
import os
import pathlib
import pickle

import numpy as np

from helpers.files import CourseError

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8"), "HalfStorage": np.dtype("<f2")}
LARGEST = 2**30  # bytes; the largest file that the course reads has 19 million


class Tensors(pickle.Unpickler):
    """A pickle's reader that knows tensors; they come as (storage, offset, shape, strides) and get their numbers later."""

    def find_class(self, module: str, name: str):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in TYPES:
            return TYPES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, mark):
        kind, dtype, key, _, count = mark[:5]
        if kind != "storage" or dtype not in TYPES.values():
            raise pickle.UnpicklingError("it holds something else than tensors")
        return key, dtype, count


def read_tensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Each tensor of the file by its name, as an array."""
    size = os.path.getsize(path)
    if size > LARGEST:
        raise CourseError(f"{path.name} has {size / 1e9:.1f} GB: too large for a weight file of this course.")
    try:
        with open(path, "rb") as file:
            if Tensors(file).load() != MAGIC:
                raise pickle.UnpicklingError("it does not begin like one")
            Tensors(file).load(), Tensors(file).load()  # version; byte order and sizes of the machine that wrote it
            table, keys = Tensors(file).load(), Tensors(file).load()
            dtypes = {storage[0]: storage[1] for storage, *_ in table.values()}
            storages = {key: numbers(file, dtypes[key], size) for key in keys}
        return {name: tensor(storages[storage[0]], *view) for name, (storage, *view) in table.items()}
    except Exception as problem:  # a hostile file may break the reader anywhere; nothing of it has been run
        raise CourseError(
            f"{path.name} is not a file of PyTorch tensors, or it is damaged: {problem}.",
            "Delete it and install the package that brought it once more.",
        ) from problem


def numbers(file, dtype: np.dtype, size: int) -> np.ndarray:
    """The next storage of the file: how many numbers, then the numbers."""
    count = int(np.frombuffer(file.read(8), "<i8")[0])
    if not 0 <= count * dtype.itemsize <= size:
        raise pickle.UnpicklingError(f"it promises {count} numbers")
    return np.frombuffer(file.read(count * dtype.itemsize), dtype, count)


def tensor(storage: np.ndarray, offset: int, shape: tuple, strides: tuple) -> np.ndarray:
    """An array out of its storage; the storage must hold all of it."""
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    size = math.prod(shape)
    if min((offset, *shape, *strides)) < 0 or last >= len(storage) or size > len(storage):
        raise pickle.UnpicklingError("a tensor reaches beyond its numbers")
    steps = [step * storage.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps).copy()
