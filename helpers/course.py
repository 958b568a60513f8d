"""Where the course runs, and how: platform, profile, seed, folders, tested versions. Knows nothing of models or images."""

import argparse
import contextlib
import dataclasses
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import random
import re
import sys

REPOSITORY = "OWNER/NAME"  # the one place for the repository's address; `python -m helpers.course stamp` changes it
UNSTAMPED = "OWNER/NAME"
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
    "cv2": "opencv-python-headless",
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
    if not text.isdecimal() or int(text) >= 2**32:
        raise ValueError(f"COURSE_SEED is {text!r}; it must be a whole number from 0 to {2**32 - 1}, such as 2026.")
    return int(text)


def profile(gpus: int = 0) -> Profile:
    """COURSE_PROFILE if set, else `full` with a GPU and `standard` without."""
    name = os.environ.get("COURSE_PROFILE", "").strip() or ("full" if gpus else "standard")
    if name not in PROFILES:
        raise ValueError(f"COURSE_PROFILE is {name!r}; it must be one of {', '.join(PROFILES)}.")
    return PROFILES[name]


def folder(name: str) -> pathlib.Path:
    """A folder that the course may write to, made on first use: `data`, or `runs` (COURSE_DATA_FOLDER, COURSE_RUNS move them)."""
    moved = os.environ.get({"data": "COURSE_DATA_FOLDER", "runs": "COURSE_RUNS"}.get(name, ""))
    own_clone = (ROOT / "pyproject.toml").exists() and os.access(ROOT, os.W_OK)
    path = pathlib.Path(moved) if moved else (ROOT if own_clone else pathlib.Path.cwd()) / name
    path.mkdir(parents=True, exist_ok=True)
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
        f"This part of the course needs {package}, which is not installed here. Mend: %pip install {package} "
        "(on Kaggle with Settings > Internet > On), then restart the kernel; on your own computer: make lab."
    )


def notebook() -> str | None:
    """The name of the notebook that is running, where the platform tells; used to say how long it takes."""
    path = os.environ.get("COURSE_NOTEBOOK") or os.environ.get("JPY_SESSION_NAME") or ""
    name = pathlib.PurePath(path).stem
    return name if re.match(r"\d\d_", name) else None


def minutes(name: str | None, profile_name: str) -> str:
    """How long a notebook took where it was measured, in words."""
    measured = json.loads((pathlib.Path(__file__).parent / "assets" / "minutes.json").read_text())
    taken = measured.get(name or "", {}).get(profile_name)
    if taken is None:
        return {"quick": "under a minute a notebook", "standard": "at most 10 minutes a notebook on 2 cores"}.get(
            profile_name, "minutes not measured at this profile"
        )
    return f"about {max(1, round(taken))} min on 2 cores" if taken >= 0.75 else "under a minute on 2 cores"


def mends(place: str, gpu_count: int, data_source: str) -> list[str]:
    """For each thing that is missing here, the exact click or command that mends it."""
    lines = []
    if absent := missing():
        how = {
            "colab": f"%pip install {' '.join(absent)}",
            "kaggle": f"Settings > Internet > On, then %pip install {' '.join(absent)}",
        }.get(place, "make lab (in a terminal, in the course's folder)")
        lines.append(f"missing: {', '.join(absent)}. Mend: {how}")
    if not gpu_count and place in ("colab", "kaggle"):
        click = {"colab": "Runtime > Change runtime type > T4 GPU", "kaggle": "Settings > Accelerator > GPU T4 x2"}[
            place
        ]
        lines.append(f"no GPU. For the reports' own sizes: {click}")
    if data_source == "drawn":
        click = {
            "kaggle": "Add Input > Datasets > msambare/fer2013, then run this cell again",
            "colab": "upload archive.zip of kaggle.com/datasets/msambare/fer2013 into the folder data/, then run this cell again",
        }.get(place, "put archive.zip of kaggle.com/datasets/msambare/fer2013 into data/ (see data/README.md)")
        lines.append(f"faces are drawn. For the real FER-2013: {click}")
    return lines


def start() -> Course:
    """Open a notebook: find out where it runs, seed everything, choose profile and data, and print all that in short."""
    place, number, name = where(), seed(), notebook()
    print("Seven Faces is loading: a few seconds ...", flush=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    needed = {"keras": "keras", "tensorflow": "tensorflow"}
    if os.environ.get("KERAS_BACKEND") == "jax":
        needed.pop("tensorflow")
    if absent := [module for module in needed if importlib.util.find_spec(module) is None]:
        raise ModuleNotFoundError(f"The course needs {' and '.join(absent)}. {mends(place, 1, 'given')[0]}")
    with hushed():
        gpu_count = gpus()
        seed_everything(number)
        if "tensorflow" in sys.modules:  # its remarks on retracing are no student's concern
            sys.modules["tensorflow"].get_logger().setLevel("ERROR")
    chosen = profile(gpu_count)

    from helpers.data import sources  # the only word of data here: is there a real set?

    source = os.environ.get("COURSE_DATA", "").strip() or str(sources.find() or "drawn")
    if not pathlib.Path(source).exists() and (ROOT / source).exists():  # written as seen from the course's own folder
        source = str(ROOT / source)
    result = Course(place, chosen, number, source, gpu_count, name)
    print("\n".join(status(result)))
    return result


def status(here: Course) -> list[str]:
    """The status that `start` prints, line by line."""
    found = versions()
    odd = untested(found)
    data = f"drawn faces, world {here.seed}" if here.data == "drawn" else pathlib.PurePath(here.data).name
    device = f"{here.gpus} GPU{'s' * (here.gpus > 1)}" if here.gpus else f"{os.cpu_count()} cores, no GPU"
    sizes = (
        f"{here.profile.faces_per_class} faces a class, {here.profile.pixels} px, at most {here.profile.epochs} epochs"
    )
    lines = [
        f"where     {PLATFORMS[here.platform]}, {device}",
        "versions  " + ", ".join(f"{name} {version}" for name, version in found.items()),
        "          " + (f"not tested: {'; '.join(odd)}" if odd else "tested together"),
        f"profile   {here.profile.name}: {sizes}; {minutes(here.notebook, here.profile.name)}",
        f"data      {data}; seed {here.seed}",
    ]
    return lines + [f"note      {line}" for line in mends(here.platform, here.gpus, here.data)]


def stamp(address: str, root: pathlib.Path = ROOT) -> list[str]:
    """Write the repository's address OWNER/NAME into every badge and setup cell; returns the files that changed."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", address):
        raise ValueError(f"{address!r} is not a repository's address; write OWNER/NAME, as in github.com/OWNER/NAME.")
    own = root / "helpers" / "course.py"
    old = re.search(r'^REPOSITORY = "([^"]+)"', own.read_text("utf-8"), re.M).group(1)
    places = re.compile(
        rf'((?:github\.com/|github/|gh/|^REPOSITORY = "|REPOSITORY = \\"|/kernels/welcome\?src=https://github\.com/)){re.escape(old)}(?=\.git(?![\w-])|\.?(?![\w.-]))',
        re.M,
    )
    changed = []
    for path in [own, root / "README.md", root / "CITATION.cff", *sorted((root / "notebooks").glob("*.ipynb"))]:
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        new = places.sub(lambda match: match.group(1) + address, text)
        if new != text:
            path.write_bytes(new.encode("utf-8"))
            changed.append(str(path.relative_to(root)))
    return changed


def main(arguments: list[str] | None = None) -> None:
    """`python -m helpers.course status`, or `... stamp OWNER/NAME` for a fork of one's own."""
    parser = argparse.ArgumentParser(prog="python -m helpers.course", description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="where the course runs, and with what")
    stamping = commands.add_parser("stamp", help="write the repository's address into badges and setup cells")
    stamping.add_argument("address", metavar="OWNER/NAME")
    options = parser.parse_args(arguments)
    if options.command == "status":
        start()
        return
    try:
        changed = stamp(options.address)
    except ValueError as error:
        parser.error(str(error))
    print(
        f"{options.address} stamped into: {', '.join(changed)}"
        if changed
        else f"{options.address} stood there already."
    )


if __name__ == "__main__":
    main()
