"""Where the course runs, and how: platform, profile, seed, folders, tested versions. Of the course it imports only `files`."""

import contextlib
import dataclasses
import importlib.metadata
import importlib.util
import os
import pathlib
import platform
import random
import re
import sys

from helpers.files import CourseError, brief, whole_number

ROOT = pathlib.Path(__file__).resolve().parent.parent

TESTED = {  # the versions that the whole series has run with; a test holds this to the lock and to the platforms' pins
    "python": ("3.11", "3.12", "3.13"),
    "tensorflow": ("2.20", "2.21"),
    "keras": ("3.13", "3.15"),
    "numpy": ("2.1", "2.4"),
    "matplotlib": ("3.10", "3.11"),
    "scikit-learn": ("1.6", "1.9"),
}
NEEDED = {  # module -> the distribution that brings it
    "anywidget": "anywidget",
    "cv2": "opencv-python-headless",
    "flask": "flask",
    "jupyterquiz": "jupyterquiz",
    "keras": "keras",
    "matplotlib": "matplotlib",
    "pandas": "pandas",
    "PIL": "pillow",
    "seaborn": "seaborn",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow",
    "tf_keras_vis": "tf-keras-vis",
    "waitress": "waitress",
}
PLATFORMS = {
    "colab": "Colab",
    "kaggle": "Kaggle",
    "ci": "CI",
    "binder": "Binder",
    "hub": "JupyterHub",
    "own": "JupyterLab",
}


@dataclasses.dataclass(frozen=True)
class Profile:
    """How much work a notebook does: `quick` proves that it runs, `standard` teaches, `full` has the reports' sizes."""

    name: str
    drawn_faces: int  # size of the drawn world: train, validation and test together
    faces_per_class: int  # size of a balanced training set
    pixels: int  # side of the scratch networks' input
    epochs: int  # at most


PROFILES = {
    "quick": Profile("quick", 1_200, 24, 96, 2),
    "standard": Profile("standard", 9_000, 436, 96, 15),
    "full": Profile("full", 35_887, 436, 180, 60),
}


@dataclasses.dataclass(frozen=True)
class Course:
    """What `start` found out; the notebooks read their sizes, seed and data source from it."""

    platform: str
    profile: Profile
    seed: int
    data: str
    gpus: int
    notebook: str | None


def where() -> str:
    """The platform that this Python runs on: a key of PLATFORMS."""
    environment = os.environ
    if "KAGGLE_KERNEL_RUN_TYPE" in environment:
        return "kaggle"
    if "COLAB_RELEASE_TAG" in environment or "google.colab" in sys.modules:
        return "colab"
    if environment.get("CI"):
        return "ci"
    if "BINDER_SERVICE_HOST" in environment or "BINDER_REPO_URL" in environment:
        return "binder"
    return "hub" if "JUPYTERHUB_USER" in environment else "own"


def seed() -> int:
    """COURSE_SEED, a student's own number, else 0; it seeds the training and draws the faces of a private world."""
    text = os.environ.get("COURSE_SEED", "0").strip() or "0"
    number = whole_number(text, 2**32 - 1)
    if number is None:
        reason = f"COURSE_SEED is {brief(text)!r}; it must be a whole number from 0 to {2**32 - 1}, such as 2026."
        raise CourseError(reason)
    return number


def profile(gpus: int = 0) -> Profile:
    """COURSE_PROFILE if set, else `full` with a GPU and `standard` without."""
    name = os.environ.get("COURSE_PROFILE", "").strip() or ("full" if gpus else "standard")
    if name not in PROFILES:
        raise CourseError(f"COURSE_PROFILE is {brief(name)!r}; it must be one of {', '.join(PROFILES)}.")
    return PROFILES[name]


def folder(name: str) -> pathlib.Path:
    """A folder that the course may write to, made on first use: `data`, or `runs` (COURSE_DATA_FOLDER, COURSE_RUNS move them)."""
    variable = {"data": "COURSE_DATA_FOLDER", "runs": "COURSE_RUNS"}.get(name, "")
    moved = os.environ.get(variable)
    own_clone = (ROOT / "pyproject.toml").exists() and os.access(ROOT, os.W_OK)
    path = pathlib.Path(moved) if moved else (ROOT if own_clone else pathlib.Path.cwd()) / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as problem:
        reason = f"The folder {brief(path)} cannot be written ({brief(problem)})."
        raise CourseError(reason, f"Set {variable or 'the current folder'} to a folder of your own.") from problem
    return path


@contextlib.contextmanager
def hushed():
    """Keep out of the notebook what TensorFlow's compiled part writes straight to the terminal when it starts."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def gpus() -> int:
    """How many GPUs the Keras backend sees."""
    if os.environ.get("KERAS_BACKEND", "tensorflow") == "jax":
        import jax

        return sum(device.platform == "gpu" for device in jax.devices())
    import tensorflow as tf

    return len(tf.config.list_physical_devices("GPU"))


def seed_everything(number: int) -> None:
    """Seed Python, NumPy and the Keras backend, so that two runs on one machine agree."""
    random.seed(number)
    import keras

    keras.utils.set_random_seed(number)


def versions() -> dict[str, str]:
    """The installed version of each package in TESTED, Python included; '-' where one is missing."""
    found = {"python": platform.python_version()}
    for name in list(TESTED)[1:]:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "-"
    return found


def untested(found: dict[str, str]) -> list[str]:
    """The packages whose version lies outside the tested matrix, as 'name version (tested: ...)'."""
    minor = {name: ".".join(version.split(".")[:2]) for name, version in found.items()}
    return [
        f"{name} {found[name]} (tested: {', '.join(TESTED[name])})"
        for name in TESTED
        if minor[name] not in TESTED[name]
    ]


def missing() -> list[str]:
    """The distributions that the course needs and does not find here."""
    return [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]


def lacks(package: str) -> str:
    """The sentence where a package is absent that only one part of the course needs."""
    return (
        f"This part of the course needs {package}, which is not installed here. Fix: %pip install {package} "
        "(on Kaggle with Settings > Internet > On), then restart the kernel; on your own computer: make lab."
    )


def notebook() -> str | None:
    """The name of the notebook that is running, where the platform tells; used to say how long it takes."""
    path = os.environ.get("COURSE_NOTEBOOK") or os.environ.get("JPY_SESSION_NAME") or ""
    name = pathlib.PurePath(path).stem
    return name if re.match(r"\d\d_", name) else None
