"""Trained nets, bundled or published: `emotion_net`, `backbone`, `first_available`, their `features`, and what each `was_trained_on`."""

from .backbones import NAMES, backbone, first_available
from .cache import features
from .download import PUBLISHED, PretrainedError
from .emotion import emotion_net, load, store
from .fer import mini_xception
from .leaks import check_unseen, was_trained_on, with_unseen_test, write_seen

__all__ = [
    "NAMES", "PUBLISHED", "PretrainedError", "backbone", "check_unseen", "emotion_net", "features", "first_available",
    "load", "mini_xception", "store", "was_trained_on", "with_unseen_test", "write_seen",
]  # fmt: skip
