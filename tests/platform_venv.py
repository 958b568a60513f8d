"""The environments of `make test-colab`: a venv with a platform's versions, kept, and put back as it was before each case."""

import glob
import json
import os
import pathlib
import shutil
import subprocess

from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PINS = ROOT / "tests" / "platforms" / "colab-2026-08-19.txt"


class Failed(Exception):
    """A case that did not do what it must; the message says what."""


class Skipped(Exception):
    """A case that cannot be tried on this machine; the message says why."""


def pins() -> dict[str, str]:
    """Canonical name -> version of each pinned package."""
    lines = [line for line in PINS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def interpreter(version: str) -> str | None:
    """A Python of this minor version: on PATH, or one of pyenv's, the newest first."""
    kept = os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")
    newest = sorted(glob.glob(kept), key=lambda path: [int(part) for part in path.split("/")[-3].split(".")[:3]])
    for candidate in filter(None, [shutil.which(f"python{version}"), *reversed(newest)]):
        asked = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True
        )
        if asked.stdout.decode().strip() == version:
            return candidate
    return None


def call(*command, **options) -> str:
    """Run a command and give what it prints; where it fails, Failed with the end of that."""
    if shutil.which(command[0]) is None:
        raise Failed(f"{command[0]} is not installed")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command[:6]))} ...: {(done.stdout + done.stderr).strip()[-800:]}")
    return done.stdout


def environment(folder: pathlib.Path, version: str) -> pathlib.Path:
    """The Python of a venv with exactly the pins, kept between runs and made again only when they change."""
    python, made_from = folder / "bin" / "python", folder / "made-from.txt"
    recipe = f"{version}\n{PINS.read_text('utf-8')}"
    if not (made_from.exists() and made_from.read_text("utf-8") == recipe):
        base = interpreter(version)
        if base is None:
            raise Skipped(f"python{version} is not installed, neither on PATH nor with pyenv (pyenv install {version})")
        print(f"Making {folder.relative_to(ROOT)} with Python {version}: about 3 minutes, once.", flush=True)
        call(base, "-m", "venv", "--clear", folder)
        call(python, "-m", "pip", "install", "--quiet", f"pip=={pins()['pip']}")
        call(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "-r", PINS)
        made_from.write_text(recipe, "utf-8")
    reset(python)
    return python


def installed(python: pathlib.Path) -> dict[str, str]:
    """Canonical name -> version of what is installed."""
    listed = json.loads(call(python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"))
    return {canonicalize_name(package["name"]): package["version"] for package in listed}


def reset(python: pathlib.Path) -> None:
    """Take away what a notebook added, so that the next one finds the platform as it comes."""
    there = installed(python)
    changed = {name: there.get(name) for name, version in pins().items() if there.get(name) != version}
    if changed:
        python.parent.parent.joinpath("made-from.txt").unlink(missing_ok=True)
        raise Failed(f"packages of the platform were changed: {changed}; the next run makes the environment again")
    if extra := sorted(set(there) - set(pins())):
        call(python, "-m", "pip", "uninstall", "--yes", "--quiet", *extra)
