"""Trained nets, bundled or published: `emotion_net` (and in `lite` form), `backbone`, `first_available`, their `features`, and what each `was_trained_on`."""

from .backbones import BACKBONES, backbone, first_available
from .cache import features
from .download import PUBLISHED, PretrainedError
from .emotion import emotion_net, lite
from .fer import mini_xception
from .leaks import checklist, was_trained_on, with_unseen_test

__all__ = [
    "BACKBONES", "PUBLISHED", "PretrainedError", "backbone", "checklist", "emotion_net", "features", "first_available",
    "lite", "mini_xception", "was_trained_on", "with_unseen_test",
]  # fmt: skip
