"""The course's front door: where it runs, the profile, the seed, folders, versions and fixes."""

import os
import pathlib
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import course, environment

ROOT = pathlib.Path(course.__file__).resolve().parent.parent
SIGNS = (
    "KAGGLE_KERNEL_RUN_TYPE",
    "COLAB_RELEASE_TAG",
    "CI",
    "BINDER_SERVICE_HOST",
    "BINDER_REPO_URL",
    "JUPYTERHUB_USER",
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """No sign of a platform, no wish of the person who runs the tests."""
    for name in [*SIGNS, *(key for key in os.environ if key.startswith("COURSE_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, "own"),
        ({"COLAB_RELEASE_TAG": "release-colab_20260819"}, "colab"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "kaggle"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Batch", "COLAB_RELEASE_TAG": "left over from the image"}, "kaggle"),
        ({"CI": "true"}, "ci"),
        ({"CI": ""}, "own"),
        ({"BINDER_SERVICE_HOST": "10.0.0.1"}, "binder"),
        ({"BINDER_REPO_URL": "https://example.org", "JUPYTERHUB_USER": "ada"}, "binder"),
        ({"JUPYTERHUB_USER": "ada"}, "hub"),
    ],
)
def test_a_platform_is_known_by_its_variables(variables, place, monkeypatch):
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert environment.where() == place
    assert place in environment.PLATFORMS


def test_colab_is_known_by_its_module(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert environment.where() == "colab"


@pytest.mark.parametrize(
    ("wish", "gpus", "name"),
    [("", 0, "standard"), ("", 1, "full"), ("quick", 2, "quick"), (" full ", 0, "full"), ("  ", 0, "standard")],
)
def test_the_profile_is_the_wish_else_by_the_gpu(wish, gpus, name, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", wish)
    assert environment.profile(gpus).name == name


@pytest.mark.parametrize("wish", ["fast", "QUICK", "0"])
def test_an_unknown_profile_is_refused_with_the_known_ones(wish, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", wish)
    with pytest.raises(ValueError, match=f"COURSE_PROFILE is '{wish}'.*quick, standard, full"):
        environment.profile()


def test_profiles_grow():
    quick, standard, full = (environment.PROFILES[name] for name in ("quick", "standard", "full"))
    for size in ("drawn_faces", "faces_per_class", "pixels", "epochs"):
        assert getattr(quick, size) <= getattr(standard, size) <= getattr(full, size)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_whole_number_in_range_is_a_seed(number):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SEED", f" {number} ")
        assert environment.seed() == number


@settings(deadline=None)
@given(
    st.one_of(
        st.integers(max_value=-1).map(str), st.integers(2**32).map(str), st.floats().map(str), st.text("abc.-+eE")
    )
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SEED", text)
        if text.strip():
            with pytest.raises(ValueError, match=r"COURSE_SEED is .*whole number from 0 to 4294967295, such as"):
                environment.seed()
        else:
            assert environment.seed() == 0


@pytest.mark.parametrize("text", ["１２", "²", "1_000", "٣"])
def test_odd_digits_never_pass_unnoticed(text, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", text)
    try:
        assert environment.seed() == int(text)
    except ValueError as error:
        assert "COURSE_SEED" in str(error)


def test_seeding_repeats_python_and_numpy():
    import numpy as np

    drawn = []
    for _ in range(2):
        environment.seed_everything(7)
        drawn.append((random.random(), np.random.rand()))
    assert drawn[0] == drawn[1]


def test_in_a_clone_folders_stand_in_the_clone(tmp_path, monkeypatch):
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "pyproject.toml").touch()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(environment, "ROOT", tmp_path / "clone")
    monkeypatch.chdir(tmp_path / "elsewhere")
    for name in ("data", "runs"):
        assert environment.folder(name) == tmp_path / "clone" / name
        assert (tmp_path / "clone" / name).is_dir()


def test_installed_elsewhere_folders_stand_where_one_works(tmp_path, monkeypatch):
    (tmp_path / "site-packages").mkdir()
    monkeypatch.setattr(environment, "ROOT", tmp_path / "site-packages")
    monkeypatch.chdir(tmp_path)
    assert environment.folder("data") == tmp_path / "data"
    assert not list((tmp_path / "site-packages").iterdir())


def test_folders_can_be_moved_and_are_made(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "drive" / "runs"))
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path / "sets"))
    assert environment.folder("runs") == tmp_path / "drive" / "runs"
    assert environment.folder("data") == tmp_path / "sets"
    assert (tmp_path / "drive" / "runs").is_dir()


def test_versions_name_every_package_of_the_matrix():
    found = environment.versions()
    assert list(found) == list(environment.TESTED)
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert all(text[0].isdigit() for text in found.values())


def test_a_missing_package_is_a_dash_and_untested(monkeypatch):
    def absent(name):
        raise environment.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(environment.importlib.metadata, "version", absent)
    found = environment.versions()
    assert set(list(found.values())[1:]) == {"-"}
    assert any(line.startswith("keras - (tested: ") for line in environment.untested(found))


@pytest.mark.parametrize(
    ("package", "version", "tested"),
    [("numpy", "2.4.99", True), ("numpy", "2.40.0", False), ("numpy", "1.26.4", False), ("python", "3.11.0rc1", True)],
)
def test_the_matrix_compares_minor_versions(package, version, tested):
    good = {name: f"{versions[0]}.3" for name, versions in environment.TESTED.items()}
    odd = environment.untested(good | {package: version})
    assert odd == [] if tested else (len(odd) == 1 and odd[0].startswith(f"{package} {version} (tested: "))


CLICKS = {
    "colab": (
        "%pip install seaborn",
        "Runtime > Change runtime type > T4 GPU",
        "upload archive.zip of kaggle.com/datasets/msambare/fer2013 into the folder data/, then run this cell again",
    ),
    "kaggle": (
        "Settings > Internet > On, then %pip install seaborn",
        "Settings > Accelerator > GPU T4 x2",
        "Add Input > Datasets > msambare/fer2013, then run this cell again",
    ),
    "own": (
        "make lab (in a terminal, in the course's folder)",
        None,
        "put archive.zip of kaggle.com/datasets/msambare/fer2013 into data/ (see data/README.md)",
    ),
}


@pytest.mark.parametrize("place", [*environment.PLATFORMS])
def test_every_platform_gets_its_own_click(place, monkeypatch):
    monkeypatch.setattr(environment, "missing", lambda: ["seaborn"])
    package, gpu, data = CLICKS.get(place, CLICKS["own"])
    lines = course.fixes(place, 0, "drawn")
    assert lines[0] == f"missing: seaborn. Fix: {package}"
    assert lines[-1] == f"faces are drawn. For the real FER-2013: {data}"
    assert lines[1:-1] == ([f"no GPU. For the reports' own sizes: {gpu}"] if gpu else [])


def test_nothing_missing_means_nothing_to_fix(monkeypatch):
    monkeypatch.setattr(environment, "missing", list)
    assert all(course.fixes(place, 1, "data/fer2013") == [] for place in environment.PLATFORMS)


def test_what_is_needed_is_what_is_declared_and_here():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = " ".join(project["dependencies"])
    assert all(f"{distribution}>" in declared for distribution in environment.NEEDED.values())
    assert environment.missing() == []


def test_minutes_are_the_measured_ones_else_the_caps(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "minutes.json").write_text('{"01_x": {"standard": 3.4, "quick": 0.2, "full": 0.75}}')
    monkeypatch.setattr(course, "__file__", str(tmp_path / "course.py"))
    assert course.minutes("01_x", "standard") == "about 3 min on 2 cores"
    assert course.minutes("01_x", "quick") == "under a minute on 2 cores"
    assert course.minutes("01_x", "full") == "about 1 min on 2 cores"
    assert course.minutes(None, "standard") == "at most 10 minutes a notebook on 2 cores"
    assert course.minutes("99_new", "full") == "minutes not measured at this profile"


@pytest.mark.parametrize(
    ("variable", "text", "name"),
    [
        ("COURSE_NOTEBOOK", "01_data.ipynb", "01_data"),
        ("JPY_SESSION_NAME", "/home/ada/notebooks/02_balancing.ipynb", "02_balancing"),
        ("JPY_SESSION_NAME", "/home/ada/Untitled.ipynb", None),
    ],
)
def test_the_notebooks_name_is_read_where_it_is_told(variable, text, name, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setenv(variable, text)
    assert environment.notebook() == name


def test_the_status_is_short_and_says_what_is_untested(monkeypatch):
    here = environment.Course("kaggle", environment.PROFILES["quick"], 7, "drawn", 0, None)
    monkeypatch.setattr(
        environment, "versions", lambda: {name: tested[0] for name, tested in environment.TESTED.items()}
    )
    lines = course.status(here)
    assert lines[0].startswith("where     Kaggle, ") and lines[0].endswith("no GPU")
    assert lines[2].strip() == "tested together"
    assert lines[3].startswith("profile   quick: 24 faces a class, 96 px, at most 2 epochs; ")
    assert lines[4] == "data      drawn faces, world 7; seed 7"
    assert len(lines) <= 8 and all(line.startswith("note      ") for line in lines[5:])
    monkeypatch.setattr(environment, "versions", lambda: dict.fromkeys(environment.TESTED, "0.1"))
    assert "not tested: python 0.1 (tested: 3.11, 3.12, 3.13)" in course.status(here)[2]


def test_the_status_counts_gpus_and_names_a_real_set():
    lines = course.status(environment.Course("own", environment.PROFILES["full"], 0, "/some/where/fer2013", 2, None))
    assert lines[0] == "where     JupyterLab, 2 GPUs" and lines[4] == "data      fer2013; seed 0"


def test_start_prints_the_status_and_seeds(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "drawn")
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.setenv("COURSE_SEED", "12")
    here = course.start()
    first = random.random()
    text = capsys.readouterr().out
    assert (here.platform, here.profile.name, here.seed, here.data) == ("own", "quick", 12, "drawn")
    assert "drawn faces, world 12; seed 12" in text and "profile   quick" in text
    course.start()
    assert random.random() == first and "data      drawn faces, world 12; seed 12" in capsys.readouterr().out


def test_start_without_a_framework_says_what_to_do(monkeypatch):
    spec = course.importlib.util.find_spec
    monkeypatch.setattr(
        course.importlib.util, "find_spec", lambda name: None if name in ("keras", "tensorflow") else spec(name)
    )
    with pytest.raises(
        ModuleNotFoundError, match=r"needs keras and tensorflow\. missing: keras, tensorflow\. Fix: make lab"
    ):
        course.start()


@pytest.mark.parametrize(
    ("package", "statement"),
    [
        ("flask", "import faceapp.web"),
        ("waitress", "import faceapp.web"),
        ("anywidget", "from faceapp import Camera"),
    ],
)
def test_a_package_that_one_part_needs_is_named_with_the_mend(package, statement):
    code = f"import sys; sys.modules[{package!r}] = None\n{statement}"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert f"ImportError: This part of the course needs {package}" in said.stderr and "%pip install" in said.stderr
