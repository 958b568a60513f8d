"""The files of the two detectors that are networks: where each comes from, how it is recognised, and where it may lie."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib

ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet"
SSD = "https://raw.githubusercontent.com/opencv"


class DetectorError(RuntimeError):
    """A detector that cannot be had here, or a file that is none; `reason` is short, the message says what to do."""

    def __init__(self, reason: str, ways_out: str = ""):
        super().__init__(f"{reason} {ways_out}".strip())
        self.reason = reason


@functools.cache
def known() -> dict[str, tuple]:
    """The files by detector. The room of weights is opened only here: it brings Keras along, which a cascade does not need.

    The sums: OpenCV's model zoo keeps its own in the repository; those of the SSD are of the files that OpenCV's samples
    have used since 2017 (the SHA-1 that OpenCV publishes for the weights is 15aa726b4d46d9f023526d85537db81cbc8dd566).
    """
    from helpers.pretrained.registry import Weights

    @dataclasses.dataclass(frozen=True)
    class DetectorFile(Weights):
        """A detector's file; without it the course goes on with the detectors that need none."""

        @property
        def ways_out(self) -> str:
            return (
                f"Two ways out: go online and run it again; or fetch {self.url} elsewhere and put it at {self.place}. "
                "Until then faceapp.detector() takes a detector that needs no file."
            )

    return {
        "yunet": (
            DetectorFile(
                "yunet", "face_detection_yunet_2023mar.onnx", f"{ZOO}/face_detection_yunet_2023mar.onnx", 232_589,
                "sha256:8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4", "models/opencv",
                "WIDER FACE, 32,203 photographs; MIT",
            ),
        ),
        "ssd": (
            DetectorFile(
                "ssd (network)", "deploy.prototxt", f"{SSD}/opencv/4.11.0/samples/dnn/face_detector/deploy.prototxt",
                28_104, "sha256:dcd661dc48fc9de0a341db1f666a2164ea63a67265c7f779bc12d6b3f2fa67e9", "models/opencv",
                "the architecture; Apache 2.0",
            ),
            DetectorFile(
                "ssd", "res10_300x300_ssd_iter_140000.caffemodel",
                f"{SSD}/opencv_3rdparty/dnn_samples_face_detector_20170830/res10_300x300_ssd_iter_140000.caffemodel",
                10_666_211, "sha256:2a56a11a57a4a295956b0660b4a3d76bbdca2206c4961cea8efe7d95c7cb2f2d", "models/opencv",
                "faces from the web, chosen by OpenCV's authors; Apache 2.0",
            ),
        ),
    }  # fmt: skip


def at_hand(name: str) -> list[pathlib.Path]:
    """The files of a detector that lie here already, each checked."""
    from helpers.pretrained.download import at_hand as lies_here
    from helpers.pretrained.errors import PretrainedError

    try:
        found = [lies_here(file) for file in known()[name]]
    except PretrainedError as problem:
        raise DetectorError(problem.reason) from problem
    if None in found:
        raise DetectorError("Its file is not here.", f'live.detector("{name}") fetches it.')
    return found


def ready(name: str, files=None) -> list[pathlib.Path]:
    """The files that were given, else those at hand, else fetched ones."""
    wanted = known()[name]
    if files is None:
        from helpers.pretrained.download import fetch
        from helpers.pretrained.errors import PretrainedError

        try:
            return [fetch(file) for file in wanted]
        except PretrainedError as problem:
            raise DetectorError(problem.reason, wanted[-1].ways_out) from problem
    paths = [pathlib.Path(path) for path in ([files] if isinstance(files, (str, os.PathLike)) else files)]
    if len(paths) != len(wanted):
        expected = " and ".join(file.file for file in wanted)
        raise DetectorError(f"{name} needs {expected}, in this order; {len(paths)} files were given.")
    if lacking := [path for path in paths if not path.is_file()]:
        raise DetectorError(f"There is no file {lacking[0]}.")
    return paths
