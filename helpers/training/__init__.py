"""Training that survives: one `fit` with a progress line, checkpoints, exact resume, several GPUs. Plain Keras underneath."""

from .devices import join_hosts
from .fit import fit, load
from .progress import TrainingError

__all__ = ["TrainingError", "fit", "join_hosts", "load"]
