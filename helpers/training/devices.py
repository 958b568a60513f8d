"""Where and how precisely a run trains: one device, several GPUs of a host, several hosts."""

import contextlib
import functools

import keras

from .checkpoint import assign, values

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")


def join_hosts(coordinator: str, hosts: int, index: int) -> None:
    """Make this process one of several that train one network together (Keras on JAX); call it before building.

    Each runs the same program with its own `index`, one GPU and the same runs folder (COURSE_RUNS on a shared disk);
    `coordinator` is the address of number 0, such as '10.0.0.5:1234'.
    """
    if keras.backend.backend() != "jax":
        raise RuntimeError("Several hosts need Keras on JAX: set KERAS_BACKEND=jax before Keras is imported.")
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # the same order of collectives in all processes
    jax.distributed.initialize(coordinator, hosts, index)
    if jax.local_device_count() > 1:
        raise RuntimeError(
            "Start one process for each GPU: set CUDA_VISIBLE_DEVICES to another number in each of them."
        )
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


def share() -> tuple[int, int]:
    """This process's number among the hosts, and how many there are."""
    if keras.backend.backend() != "jax" or keras.distribution.distribution() is None:
        return 0, 1
    import jax

    return jax.process_index(), jax.process_count()


def agree(epochs: int = 0) -> None:
    """Wait for the other hosts; all must have found the same checkpoint, or they would train different epochs."""
    if share()[1] == 1:
        return
    import numpy as np
    from jax.experimental import multihost_utils

    found = np.ravel(multihost_utils.process_allgather(np.int32(epochs))).tolist()
    if len(set(found)) > 1:
        raise RuntimeError(
            f"The hosts found {found} finished epochs: set COURSE_RUNS to one folder that all of them see."
        )


@contextlib.contextmanager
def alone(model: keras.Model):
    """The network as this process computes it without the other hosts: for predictions."""
    if share()[1] == 1:
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


def strategy(devices):
    """A MirroredStrategy over several GPUs of this host, or over `devices`, named; None where one device is enough."""
    if keras.backend.backend() != "tensorflow":
        if devices is not None:
            raise ValueError(
                "devices=... needs Keras on TensorFlow; on JAX, start one process a GPU and call join_hosts."
            )
        return None
    import tensorflow as tf

    named = [gpu.name.replace("/physical_device:", "") for gpu in tf.config.list_physical_devices("GPU")]
    if devices is None:
        return mirrored(tuple(named)) if len(named) > 1 else None
    known = [device.name.replace("/device:", "") for device in tf.config.list_logical_devices()]
    if not devices or (unknown := [name for name in devices if name not in known]):
        raise ValueError(f"devices={devices!r}: there is no {', '.join(unknown)} here, only {', '.join(known)}.")
    return mirrored(tuple(devices))


@functools.cache
def mirrored(names: tuple[str, ...]):
    """One strategy a process: the sums of two of them over the same devices would be mixed up."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(names))


def precision(asked: str) -> str:
    """The dtype policy: mixed where a GPU computes faster in half precision (tensor cores), else float32."""
    if asked not in ("auto", *POLICIES):
        raise ValueError(f"precision is {asked!r}; it must be one of auto, {', '.join(POLICIES)}.")
    if asked != "auto" or keras.backend.backend() != "tensorflow":
        return "float32" if asked == "auto" else asked
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    abilities = [tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0)) for gpu in gpus]
    if not gpus or min(abilities) < (7, 0):
        return "float32"
    return "mixed_bfloat16" if min(abilities) >= (8, 0) else "mixed_float16"


def placed(model: keras.Model, policy: str, scope) -> keras.Model:
    """The model itself, or where devices or precision ask for it its double, compiled alike, with the same first weights."""
    if policy == "float32" and scope is None:
        model.optimizer.build(model.trainable_variables)
        return model
    config = model.get_config()
    outputs = {output[0] for output in outputs_of(config)}
    with scope.scope() if scope else contextlib.nullcontext():
        double = model.__class__.from_config(repoliced(config, policy, outputs))
        double.dtype_policy = keras.DTypePolicy(policy)  # so that compile scales a float16 loss
        double.compile_from_config(model.get_compile_config())
        double.optimizer.build(double.trainable_variables)
    copy_state(model, double)
    return double


def outputs_of(config) -> list:
    """The output layers of a model's configuration: one as ['name', 0, 0], or several such."""
    outputs = config["output_layers"]
    return [outputs] if outputs and isinstance(outputs[0], str) else outputs


def repoliced(config, policy: str, keep=frozenset()):
    """A model's configuration with another precision; the layers named in `keep` (the last ones) stay as they are."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy" and config["config"].get("name") == "float32":
            return config | {"config": {"name": policy}}
        kept = config.get("name") in keep
        return {
            key: value if kept and key == "dtype" else repoliced(value, policy, keep) for key, value in config.items()
        }
    return [repoliced(value, policy, keep) for value in config] if isinstance(config, (list, tuple)) else config


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Weights, running statistics and seed generators of one network into its double."""
    if source is not target:
        assign(target.variables, values(source.variables))
