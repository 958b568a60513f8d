"""Where and how precisely a run trains: one device, several GPUs of a host, several hosts."""

import contextlib

import keras


def join_hosts(coordinator: str, hosts: int, index: int) -> None:
    """Make this process one of several hosts that train one network together (Keras on JAX); call it before building.

    Each host runs the same program with its own `index`; `coordinator` is host 0's address, such as '10.0.0.5:1234'.
    """
    if keras.backend.backend() != "jax":
        raise RuntimeError("Several hosts need Keras on JAX: set KERAS_BACKEND=jax before Keras is imported.")
    import jax

    if all(device == "cpu" for device in [jax.config.jax_platforms]):
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(coordinator, hosts, index)
    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


def share() -> tuple[int, int]:
    """This process's number among the hosts, and how many there are."""
    if keras.backend.backend() != "jax" or keras.distribution.distribution() is None:
        return 0, 1
    import jax

    return jax.process_index(), jax.process_count()


def strategy(devices):
    """A MirroredStrategy over several GPUs of this host (or over `devices`, named), or None where one device is enough."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    named = [gpu.name.replace("/physical_device:", "") for gpu in tf.config.list_physical_devices("GPU")]
    chosen = named if devices is None else list(devices)
    return tf.distribute.MirroredStrategy(chosen) if len(chosen) > 1 else None


def precision(asked: str) -> str:
    """The dtype policy: mixed where a GPU computes faster in half precision (tensor cores), else float32."""
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
        return model
    compiled = model.get_compile_config()
    with scope.scope() if scope else contextlib.nullcontext():
        double = model.__class__.from_config(repoliced(model.get_config(), policy))
        double.compile_from_config(compiled)
    copy_state(model, double)
    return double


def repoliced(config, policy: str):
    """A model's configuration with another precision, layers that were told theirs (the last one) aside."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy" and config["config"].get("name") == "float32":
            return config | {"config": {"name": policy}}
        keeps = config.get("name") == "emotion"
        return {key: value if keeps and key == "dtype" else repoliced(value, policy) for key, value in config.items()}
    return [repoliced(value, policy) for value in config] if isinstance(config, (list, tuple)) else config


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Weights, running statistics and seed generators of one network into its double."""
    if source is not target:
        for variable, value in zip(target.variables, source.variables, strict=True):
            variable.assign(keras.ops.convert_to_numpy(value))
