"""Training that survives: one `fit` with a progress line, checkpoints, resume, several GPUs. Plain Keras underneath."""

from .devices import join_hosts
from .errors import TrainingError
from .fit import fit, load

__all__ = ["TrainingError", "fit", "join_hosts", "load"]
