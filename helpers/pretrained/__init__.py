"""Trained nets, bundled or published: `emotion_net`, `backbone`, `first`, their `features`, and what they have `seen`."""

from .backbones import NAMES, backbone, first
from .cache import features
from .emotion import emotion_net, load, store
from .errors import PretrainedError
from .fer import mini_xception
from .leaks import check_unseen, honest, seen, write_seen
from .registry import PUBLISHED

__all__ = [
    "NAMES", "PUBLISHED", "PretrainedError", "backbone", "check_unseen", "emotion_net", "features", "first", "honest",
    "load", "mini_xception", "seen", "store", "write_seen",
]  # fmt: skip
