"""The scripts of other people that the book serves itself: packages of npm, each of one version and one digest."""

import base64
import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile

PACKAGES = json.loads((pathlib.Path(__file__).parent / "packages.json").read_text("utf-8"))
BY_ITS_NAME, BESIDE_IT = '"@litertjs/wasm-utils"', '"./wasm-utils.js"'  # browsers know no packages, only addresses


def fetch(kept: pathlib.Path, into: pathlib.Path) -> None:
    """Copy each package's files to where the book wants them; a package is fetched once, and checked every time."""
    kept.mkdir(parents=True, exist_ok=True)
    for name, package in PACKAGES.items():
        archive = kept / f"{name.lstrip('@').replace('/', '-')}-{package['version']}.tgz"
        if not archive.exists():
            pack(f"{name}@{package['version']}", kept)
        if digest(archive) != package["integrity"]:
            archive.unlink()
            sys.exit(f"{archive.name} is not the file that book/packages.json names; it was deleted.")
        with tarfile.open(archive) as content:
            for inside, place in package["files"].items():
                path, file = into / place, content.extractfile(f"package/{inside}").read()
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(gzip.compress(file, 9, mtime=0) if path.suffix == ".gz" else file)
    core = into / "litert" / "core.js"
    core.write_text(core.read_text("utf-8").replace(BY_ITS_NAME, BESIDE_IT), "utf-8")


def pack(package: str, folder: pathlib.Path) -> None:
    """Fetch a package's archive with npm."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("The book needs npm, once, for MathJax and LiteRT.js. Install Node.js, then make book again.")
    if subprocess.run([npm, "pack", "--silent", package], cwd=folder, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"npm could not fetch {package}. The book needs a network the first time; make book again with one.")


def digest(path: pathlib.Path) -> str:
    """A file's SHA-512 as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
