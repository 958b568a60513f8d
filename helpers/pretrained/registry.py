"""Where each file of published weights comes from, how large it is, how it is recognised, and where it may lie.

Keras Applications publishes MD5 sums of its files, no SHA-256. The VGGFace release publishes no sum at all: there the
arrays' names and shapes are checked one by one, and the SHA-256 of the first download is kept beside the file and
checked from then on. The sizes of the VGG files are those that their server tells.
"""

from __future__ import annotations

import os
import pathlib
from dataclasses import dataclass

from helpers import environment


@dataclass(frozen=True)
class Weights:
    """A file of weights on the web."""

    name: str
    file: str
    url: str
    size: int | None  # bytes, where it is published
    digest: str | None  # "md5:..." or "sha256:...", where one is published
    keras_folder: str  # under ~/.keras, where Keras or keras-vggface may have put the same file
    about: str  # what it has learned from, and on what terms it is published

    @property
    def place(self) -> pathlib.Path:
        """Where the course keeps it, and where a file brought by hand belongs."""
        return environment.folder("data") / "weights" / self.file

    @property
    def places(self) -> list[pathlib.Path]:
        """The course's own place, then Keras' cache."""
        keras_home = pathlib.Path(os.environ.get("KERAS_HOME") or pathlib.Path.home() / ".keras")
        return [self.place, keras_home / self.keras_folder / self.file]

    @property
    def ways_out(self) -> str:
        """What a reader can do without this download."""
        online = {"kaggle": "switch the Internet on (Settings > Internet > On)"}.get(
            environment.where(), "go online and run the cell again"
        )
        return (
            f"Two ways out: {online}; or fetch {self.url} elsewhere and put it at {self.place}. Until then the course "
            'goes on with its own net: pretrained.backbone("emotion_net").'
        )


KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
PUBLISHED = {
    weights.name: weights
    for weights in (
        Weights(
            "vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            f"{KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            58_889_256, "md5:6d6bbae143d832006294945121d1f1fc", "models",
            "ImageNet, 1,000 classes of things; weights of the Visual Geometry Group, Oxford, CC BY",
        ),
        Weights(
            "vgg19", "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            f"{KERAS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            80_134_624, "md5:253f8cb515780f3b799900260a226db6", "models",
            "ImageNet, 1,000 classes of things; weights of the Visual Geometry Group, Oxford, CC BY",
        ),
        Weights(
            "vggface_resnet50", "rcmalli_vggface_tf_notop_resnet50.h5",
            "https://github.com/rcmalli/keras-vggface/releases/download/v2.0/rcmalli_vggface_tf_notop_resnet50.h5",
            None, None, "models/vggface",
            "VGGFace2, 8,631 people's faces; weights for non-commercial research: read their terms",
        ),
    )
}  # fmt: skip
