"""The roof: `start` opens a notebook and prints where it runs, with which versions, at which profile, on which data."""

import importlib.util
import json
import os
import pathlib
import sys

from helpers import environment, skipping
from helpers.environment import ROOT, Course


def minutes(name: str | None, profile_name: str) -> str:
    """How long a notebook took where it was measured, in words."""
    measured = json.loads((pathlib.Path(__file__).parent / "assets" / "minutes.json").read_text())
    taken = measured.get(name or "", {}).get(profile_name)
    if taken is None:
        return {"quick": "under a minute a notebook", "standard": "at most 10 minutes a notebook on 2 cores"}.get(
            profile_name, "minutes not measured at this profile"
        )
    return f"about {max(1, round(taken))} min on 2 cores" if taken >= 0.75 else "under a minute on 2 cores"


def fixes(place: str, gpu_count: int, data_source: str) -> list[str]:
    """For each thing that is missing here, the exact click or command that fixes it."""
    lines = []
    if absent := environment.missing():
        how = {
            "colab": f"%pip install {' '.join(absent)}",
            "kaggle": f"Settings > Internet > On, then %pip install {' '.join(absent)}",
        }.get(place, "make lab (in a terminal, in the course's folder)")
        lines.append(f"missing: {', '.join(absent)}. Fix: {how}")
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
    place, number, name = environment.where(), environment.seed(), environment.notebook()
    print("Seven Faces is loading: a few seconds ...", flush=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    needed = {"keras": "keras", "tensorflow": "tensorflow"}
    if os.environ.get("KERAS_BACKEND") == "jax":
        needed.pop("tensorflow")
    if absent := [module for module in needed if importlib.util.find_spec(module) is None]:
        raise ModuleNotFoundError(f"The course needs {' and '.join(absent)}. {fixes(place, 1, 'given')[0]}")
    with environment.hushed():
        gpu_count = environment.gpus()
        environment.seed_everything(number)
        if "tensorflow" in sys.modules:  # its remarks on retracing are no student's concern
            sys.modules["tensorflow"].get_logger().setLevel("ERROR")
    chosen = environment.profile(gpu_count)

    from helpers import data  # here and not above: the setup cell prints its first line at once

    source = os.environ.get("COURSE_DATA", "").strip() or str(data.find() or "drawn")
    if not os.path.exists(source) and os.path.exists(ROOT / source):  # written as seen from the course's own folder
        source = str(ROOT / source)
    if environment.missing() and (shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()):
        skipping.watch(shell)
    result = Course(place, chosen, number, source, gpu_count, name)
    print("\n".join(status(result)))
    return result


def status(here: Course) -> list[str]:
    """The status that `start` prints, line by line."""
    found = environment.versions()
    odd = environment.untested(found)
    data = f"drawn faces, world {here.seed}" if here.data == "drawn" else pathlib.PurePath(here.data).name
    device = f"{here.gpus} GPU{'s' * (here.gpus > 1)}" if here.gpus else f"{os.cpu_count()} cores, no GPU"
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    device += f", Keras on {backend}" if backend != "tensorflow" else ""
    sizes = (
        f"{here.profile.faces_per_class} faces a class, {here.profile.pixels} px, at most {here.profile.epochs} epochs"
    )
    lines = [
        f"where     {environment.PLATFORMS[here.platform]}, {device}",
        "versions  " + ", ".join(f"{name} {version}" for name, version in found.items()),
        "          " + (f"not tested: {'; '.join(odd)}" if odd else "tested together"),
        f"profile   {here.profile.name}: {sizes}; {minutes(here.notebook, here.profile.name)}",
        f"data      {data}; seed {here.seed}",
    ]
    return lines + [f"note      {line}" for line in fixes(here.platform, here.gpus, here.data)]
