"""Training that survives: one `fit` with a progress line, checkpoints, resume, several GPUs. Plain Keras underneath."""

from .checkpoint import TrainingError
from .devices import join_hosts
from .fit import fit, load

__all__ = ["TrainingError", "fit", "join_hosts", "load"]
