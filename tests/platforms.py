"""`make test-colab`: the notebooks with Colab's versions, both Colab and Kaggle simulated. Prints rows for the README's matrix.

Colab: a folder that holds nothing but the notebook, no `helpers` until the setup cell installs it from a local clone.
Kaggle: the same with Internet on and a data set added; Internet off with the course added as an input, then without it.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

import nbclient
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import exceptions
from packaging.utils import canonicalize_name

from tests.platform_venv import BUILD, ROOT, Failed, Skipped, call, environment, pins, reset

KAGGLE_INPUT = pathlib.Path("/kaggle/input")
NOWHERE = "http://127.0.0.1:9"  # a port that refuses at once: what a switched-off Internet is to pip and git
COURSE = "seven-faces-course"
CELL_SECONDS = 180
CASES = ("dry-run", "colab", "kaggle", "kaggle-offline", "kaggle-without")


def clone() -> pathlib.Path:
    """What is committed, in a clone of its own under build/: what a platform would get from the repository."""
    folder = BUILD / "course"
    shutil.rmtree(folder, ignore_errors=True)
    call("git", "clone", "--quiet", ROOT, folder)
    if call("git", "status", "--porcelain", cwd=ROOT):
        print(
            "Changes that are not committed are not tried: a platform installs what is in the repository.", flush=True
        )
    return folder


def dry_run(python: pathlib.Path, course: pathlib.Path) -> str:
    """Installing the course must change nothing that the platform has, only add to it."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report.json"
        call(python, "-m", "pip", "install", "--quiet", "--dry-run", "--report", report, course)
        packages = [item["metadata"] for item in json.loads(report.read_text("utf-8"))["install"]]
    wanted = {canonicalize_name(package["name"]): package["version"] for package in packages}
    if touched := {name: f"{pins()[name]} -> {version}" for name, version in wanted.items() if name in pins()}:
        raise Failed(f"installing the course would change {touched}")
    if COURSE not in wanted:
        raise Failed(f"pip would not install {COURSE}, but {sorted(wanted)}")
    return f"installing the course changes none of {len(pins())} packages and adds {', '.join(sorted(wanted))}"


def plain_environment(python: pathlib.Path) -> dict[str, str]:
    """This process's variables without those that would give the simulation away."""
    strange = ("COURSE_", "COLAB_", "KAGGLE_", "JPY_", "JUPYTERHUB_", "BINDER_")
    dropped = {"CI", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "KERAS_BACKEND", "MPLBACKEND"}
    kept = {key: text for key, text in os.environ.items() if not key.startswith(strange) and key not in dropped}
    return kept | {"PATH": f"{python.parent}{os.pathsep}{kept.get('PATH', '')}", "COURSE_PROFILE": "quick"}


def offline() -> dict[str, str]:
    """The variables under which neither pip nor git reaches anything."""
    proxies = {
        name: NOWHERE for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    }
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{NOWHERE}/simple", "PIP_RETRIES": "0"}
    return proxies | pip | {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "no_proxy": "", "NO_PROXY": ""}


def execute(python: pathlib.Path, notebook: pathlib.Path, **variables: str) -> nbformat.NotebookNode:
    """Run a notebook alone in an empty folder of another environment; a last cell tells where the course was found."""
    with tempfile.TemporaryDirectory(prefix="platform-") as scratch:
        content = pathlib.Path(scratch) / "content"
        content.mkdir()
        shutil.copy(notebook, content)
        spec = pathlib.Path(scratch) / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": start, "display_name": "Python 3", "language": "python"}))
        running = nbformat.read(notebook, as_version=4)
        running.cells.append(nbformat.v4.new_code_cell("import helpers; print('course at', helpers.__file__)"))
        manager = AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(spec.parent.parent)])
        )
        where = {"metadata": {"path": str(content)}}
        client = nbclient.NotebookClient(running, km=manager, timeout=CELL_SECONDS, resources=where)
        client.execute(cleanup_kc=True, env=plain_environment(python) | {"COURSE_NOTEBOOK": notebook.name} | variables)
    return running


def printed(notebook: nbformat.NotebookNode) -> str:
    """All that a notebook's cells printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs if output.output_type == "stream")


def run_all(python: pathlib.Path, notebooks: list, says: list[str], course_at: str, **variables: str) -> str:
    """Run notebooks one after the other; each must say these things, and have found the course in this place."""
    if not notebooks:
        raise Failed("no notebook NN_*.ipynb is committed")
    reset(python)
    found = {path.name: problem(python, path, says, course_at, variables) for path in notebooks}
    if problems := [f"{name}: {text}" for name, text in found.items() if text]:
        raise Failed("; ".join(problems))
    return " ".join(name[:2] for name in found)


def problem(python: pathlib.Path, path: pathlib.Path, says: list[str], course_at: str, variables: dict) -> str:
    """What is wrong with a notebook's run, in words; empty when nothing is."""
    try:
        text = printed(execute(python, path, **variables))
    except (exceptions.CellExecutionError, exceptions.CellTimeoutError, exceptions.DeadKernelError) as error:
        return f"{type(error).__name__}: ...{without_colours(str(error)).strip()[-900:]}"
    at = text.rsplit("course at ", 1)[-1].strip()
    if course_at not in at:
        return f"took the course from {at} and not from {course_at}"
    absent = [word for word in says if word not in text]
    return f"does not say {absent} but: {text[:900]}" if absent else ""


def without_colours(text: str) -> str:
    """A traceback as IPython colours it, plain."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@contextlib.contextmanager
def laid_out(**folders: pathlib.Path):
    """Copies of folders under /kaggle/input for a while, read-only as there; afterwards nothing is left of them."""
    made = [path for path in (KAGGLE_INPUT.parent, KAGGLE_INPUT) if not path.exists()]
    inputs = {KAGGLE_INPUT / name.replace("_", "-"): source for name, source in folders.items()}
    if taken := [str(path) for path in inputs if path.exists()]:
        raise Failed(f"{taken} exist already: move them away first")
    try:
        try:
            KAGGLE_INPUT.mkdir(parents=True, exist_ok=True)
            for path, source in inputs.items():
                shutil.copytree(source, path, ignore=shutil.ignore_patterns(".git", "build", "*.egg-info"))
        except PermissionError:
            raise Skipped(f"{KAGGLE_INPUT} cannot be written to: sudo install -d -o $USER {KAGGLE_INPUT}") from None
        allow_writing(inputs, False)
        yield
    finally:
        allow_writing(inputs, True)
        for path in inputs:
            shutil.rmtree(path, ignore_errors=True)
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()


def allow_writing(roots, allowed: bool) -> None:
    """Whether anybody but root may write into these folders and those below them."""
    for root in roots:
        for folder, _, _ in os.walk(root):
            os.chmod(folder, 0o755 if allowed else 0o555)


def colab(python, course, notebooks) -> str:
    """As Colab does it: its variables and its module, the course installed by the first notebook's setup cell."""
    with tempfile.TemporaryDirectory() as scratch:
        module = pathlib.Path(scratch) / "google" / "colab" / "__init__.py"
        module.parent.mkdir(parents=True)
        module.write_text('"""Stands in for Colab\'s own module."""\n')
        return run_all(
            python, notebooks, ["Colab,", "tested together", "drawn faces"], "site-packages",
            COLAB_RELEASE_TAG="release-colab-external_20260819", COLAB_GPU="", PYTHONPATH=scratch,
            MPLBACKEND="module://matplotlib_inline.backend_inline", COURSE_SOURCE=str(course),
        )  # fmt: skip


def kaggle(python, course, notebooks) -> str:
    """Internet on, a data set in FER-2013's Kaggle folders added (drawn faces stand in): it is taken up unasked."""
    import drawn_faces

    with tempfile.TemporaryDirectory() as scratch:
        folder = drawn_faces.write(pathlib.Path(scratch) / "fer2013", 1_200, 0)
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()  # nothing but pictures, as in Kaggle's set: the course cannot know that they are drawn
        with laid_out(fer2013=folder):
            return run_all(
                python, notebooks, ["Kaggle,", "tested together", "data      fer2013"], "site-packages",
                KAGGLE_KERNEL_RUN_TYPE="Interactive", COURSE_SOURCE=str(course),
            )  # fmt: skip


def kaggle_offline(python, course, notebooks) -> str:
    """Internet off, the course added as an input: run from there, without the packages that Kaggle lacks."""
    with laid_out(seven_faces=course):
        return run_all(
            python, notebooks, ["Kaggle,", "tested together", "Settings > Internet > On"], str(KAGGLE_INPUT),
            KAGGLE_KERNEL_RUN_TYPE="Interactive", **offline(),
        )  # fmt: skip


def kaggle_without(python, course, notebooks) -> str:
    """Internet off and no course: the setup cell must stop and name both fixes."""
    reset(python)
    try:
        execute(python, notebooks[0], KAGGLE_KERNEL_RUN_TYPE="Interactive", **offline())
    except exceptions.CellExecutionError as error:
        wanted = ("SystemExit", "Settings > Internet > On", "Add Input")
        if absent := [word for word in wanted if word not in str(error)]:
            raise Failed(f"the message lacks {absent}: {without_colours(str(error))[-900:]}") from None
        return "names the setting and the input"
    raise Failed(f"{notebooks[0].name} ran, although the course cannot be found")


def version_line(python: pathlib.Path) -> str:
    """Python and the packages that matter most, in words."""
    version = call(python, "-c", "import platform; print(platform.python_version())").strip()
    named = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy", "OpenCV": "opencv-python-headless"}
    return f"Python {version}, " + ", ".join(f"{word} {pins()[name]}" for word, name in named.items())


def main() -> int:
    """Run the cases, print a row for each; 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms", description=__doc__)
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all of them where none is named"
    )
    parser.add_argument("--notebooks", type=pathlib.Path, help="a folder of notebooks; else the committed series")
    options = parser.parse_args()
    if strange := set(options.cases) - set(CASES):
        parser.error(f"{', '.join(sorted(strange))}: no such case; there are {', '.join(CASES)}")
    if os.name == "nt":
        sys.exit("Colab and Kaggle run Linux: try this under WSL.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing stays under /kaggle
    BUILD.mkdir(exist_ok=True)
    try:
        course = clone()
    except Failed as reason:
        sys.exit(f"The course is installed from a git clone of this folder, and there is none: {reason}")
    notebooks = sorted((options.notebooks or course / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    steps = {
        "dry-run": ("Colab", "3.13", lambda python: dry_run(python, course)),
        "colab": ("Colab", "3.13", lambda python: colab(python, course, notebooks)),
        "kaggle": ("Kaggle, Internet on, data added", "3.12", lambda python: kaggle(python, course, notebooks)),
        "kaggle-offline": ("Kaggle, Internet off, course added", "3.12", lambda python: kaggle_offline(python, course, notebooks)),
        "kaggle-without": ("Kaggle, Internet off, no course", "3.12", lambda python: kaggle_without(python, course, notebooks)),
    }  # fmt: skip
    failed = 0
    for case in options.cases or CASES:
        place, version, step = steps[case]
        began, versions = time.monotonic(), f"Python {version}"
        try:
            python = environment(BUILD / f"colab-{version}", version)
            versions = version_line(python)
            told = step(python)
            seconds = round(time.monotonic() - began)
            result = f"passed: {told} ({seconds // 60}:{seconds % 60:02d})"
        except Skipped as reason:
            result = f"skipped: {reason}"
        except Failed as reason:
            failed, result = failed + 1, f"FAILED: {reason}"
        print(f"| {datetime.date.today()} | {place} | {versions} | {result} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
