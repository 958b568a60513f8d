"""Where a run trains, and how precisely: on one device, on several GPUs of this host, or on several hosts."""

import contextlib
import functools
import pathlib
import re

import keras
import numpy as np

from .checkpoint import assign, values
from .progress import TrainingError

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")


def join_hosts(coordinator: str, hosts: int, index: int) -> None:
    """Make this process one of several that train one network together (Keras on JAX). Call it before building the network.

    Each process runs the same program with its own `index`, one GPU and the same runs folder (COURSE_RUNS on a shared
    disk). `coordinator` is the address of number 0, such as '10.0.0.5:1234'.
    """
    if keras.backend.backend() != "jax":
        raise TrainingError("Several hosts need Keras on JAX.", "Set KERAS_BACKEND=jax before Keras is imported.")
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # the same order of collectives in all processes
    jax.distributed.initialize(coordinator, hosts, index)
    if jax.local_device_count() > 1:
        fix = "Start one process for each, with CUDA_VISIBLE_DEVICES set to its number."
        raise TrainingError("This process sees several GPUs.", fix)
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


class Devices:
    """The devices of one run: `names`, or all GPUs of this host (TensorFlow), or all hosts that were joined (JAX)."""

    def __init__(self, names: list[str] | None = None, precision: str = "auto"):
        self.policy, self.strategy = policy(precision), strategy(names)
        self.host, self.hosts = 0, 1
        if keras.backend.backend() == "jax" and keras.distribution.distribution() is not None:
            import jax

            self.host, self.hosts = jax.process_index(), jax.process_count()
        self.count = self.strategy.num_replicas_in_sync if self.strategy else self.hosts

    def share(self, images: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
        """This host's share of a batch, with as many images for each device: those that fill up the last batch weigh 0.

        The loss is a mean over all places of a batch, the filled ones too; so the others weigh more by as much.
        """
        places = np.arange(len(labels) + -len(labels) % self.count)
        index = places % len(labels)
        weights = np.where(places < len(labels), weights[index] * len(places) / len(labels), 0.0).astype(np.float32)
        mine = slice(self.host, None, self.hosts)
        return images[index[mine]], labels[index[mine]], weights[mine]

    def place(self, model: keras.Model) -> keras.Model:
        """The model itself; or, where devices or precision ask for it, its double, compiled alike, with its weights."""
        if self.policy == "float32" and self.strategy is None:
            model.optimizer.build(model.trainable_variables)
            return model
        with self.strategy.scope() if self.strategy else contextlib.nullcontext():
            double = model.__class__.from_config(with_precision(model.get_config(), self.policy))
            double.dtype_policy = keras.DTypePolicy(self.policy)  # so that compile scales a float16 loss
            double.compile_from_config(model.get_compile_config())
            double.optimizer.build(double.trainable_variables)
        copy_state(model, double)
        return double

    def agree(self, epochs: int = 0) -> None:
        """Wait for the other hosts; all must have found the same checkpoint, or they would train different epochs."""
        if self.hosts == 1:
            return
        from jax.experimental import multihost_utils

        found = np.ravel(multihost_utils.process_allgather(np.int32(epochs))).tolist()
        if len(set(found)) > 1:
            fix = "Set COURSE_RUNS to one folder that all of them see."
            raise TrainingError(f"The hosts found {found} finished epochs.", fix)

    @contextlib.contextmanager
    def alone(self, model: keras.Model):
        """The network as this process computes it without the other hosts: for predictions."""
        if self.hosts == 1:
            yield model
            return
        joined = keras.distribution.distribution()
        keras.distribution.set_distribution(None)
        try:
            double = model.__class__.from_config(model.get_config())
            copy_state(model, double)
            yield double
        finally:
            keras.distribution.set_distribution(joined)


def strategy(names: list[str] | None):
    """A MirroredStrategy over the named devices, or over all GPUs of this host; None if one device is enough."""
    if keras.backend.backend() != "tensorflow":
        if names is not None:
            fix = "On JAX, start one process for each GPU and call training.join_hosts."
            raise TrainingError("devices=... needs Keras on TensorFlow.", fix)
        return None
    import tensorflow as tf

    known = [device.name.replace("/device:", "") for device in tf.config.list_logical_devices()]
    if names is None:
        gpus = [name for name in known if name.startswith("GPU")]
        return mirrored(tuple(gpus)) if len(gpus) > 1 else None
    if not names or (unknown := [name for name in names if name not in known]):
        raise TrainingError(f"devices={names!r}: there is no {', '.join(unknown)} here, only {', '.join(known)}.")
    return mirrored(tuple(names))


@functools.cache
def mirrored(names: tuple[str, ...]):
    """One strategy for a process: with a second one over the same devices, the next network's training fails (TensorFlow 2.21)."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(names))


def policy(precision: str) -> str:
    """The dtype policy; for 'auto' a mixed one where a GPU computes faster in half precision (tensor cores), else float32."""
    if precision not in ("auto", "bfloat16", *POLICIES):
        raise TrainingError(
            f"precision={precision!r} is unknown.", f"Choose one of auto, bfloat16, {', '.join(POLICIES)}."
        )
    if precision == "bfloat16":
        if not has_bfloat16():
            fix = "Leave precision out; or take 'mixed_bfloat16', which computes so anyway, but slowly."
            raise TrainingError("precision='bfloat16': nothing here is known to be faster in bfloat16.", fix)
        return "mixed_bfloat16"
    if precision != "auto" or keras.backend.backend() != "tensorflow":
        return "float32" if precision == "auto" else precision
    lowest = min(abilities(), default=(0, 0))
    if lowest < (7, 0):
        return "float32"
    return "mixed_bfloat16" if lowest >= (8, 0) else "mixed_float16"


def abilities() -> list[tuple[int, int]]:
    """The compute capability of each GPU that TensorFlow sees."""
    import tensorflow as tf

    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return [each.get("compute_capability", (0, 0)) for each in details]


def has_bfloat16(processor: pathlib.Path = pathlib.Path("/proc/cpuinfo")) -> bool:
    """Whether TensorFlow trains faster in bfloat16 here: on GPUs from Ampere on; without one, where the processor has it."""
    if keras.backend.backend() != "tensorflow":
        return False
    if found := abilities():
        return min(found) >= (8, 0)
    return processor.is_file() and bool(re.search(r"\b(avx512_bf16|amx_bf16|bf16)\b", processor.read_text()))


def with_precision(config: dict, policy: str) -> dict:
    """A network's configuration with another precision; its output layers keep theirs."""
    outputs = np.ravel(np.array(config["output_layers"], object)).tolist()  # the names are among them

    def changed(part):
        if isinstance(part, list | tuple):
            return [changed(item) for item in part]
        if not isinstance(part, dict):
            return part
        if part.get("class_name") == "DTypePolicy" and part["config"].get("name") == "float32":
            return part | {"config": {"name": policy}}
        kept = part.get("name") in outputs
        return {key: value if kept and key == "dtype" else changed(value) for key, value in part.items()}

    return changed(config)


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Weights, running statistics and seed generators of one network into its double."""
    if source is not target:
        assign(target.variables, values(source.variables))
