"""`python -m tools.stamp OWNER/NAME`: write the repository's address into every badge and setup cell, for a fork of one's own."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def stamp(address: str, root: pathlib.Path = ROOT) -> list[str]:
    """Replace the address that CITATION.cff names, in README, citation and notebooks; returns the files that changed."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", address):
        raise ValueError(f"{address!r} is not a repository's address; write OWNER/NAME, as in github.com/OWNER/NAME.")
    citation = root / "CITATION.cff"
    old = re.search(r'^repository-code: "https://github\.com/([^"]+)"', citation.read_text("utf-8"), re.M)[1]
    before = r'github\.com/|github/|gh/|REPOSITORY = \\"|/kernels/welcome\?src=https://github\.com/'
    olds = f"(?:{re.escape(old)}|OWNER/NAME)"  # OWNER/NAME: in what was taken from a newer version of the course
    places = re.compile(rf"({before}){olds}(?=\.git(?![\w-])|\.?(?![\w.-]))")
    changed = []
    for path in [root / "README.md", citation, *sorted((root / "notebooks").glob("*.ipynb"))]:
        text = path.read_bytes().decode("utf-8") if path.exists() else ""
        new = places.sub(lambda match: match.group(1) + address, text)
        if new != text:
            path.write_bytes(new.encode("utf-8"))
            changed.append(str(path.relative_to(root)))
    return changed


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    try:
        changed = stamp(arguments[0])
    except ValueError as error:
        raise SystemExit(str(error)) from error
    print(f"Written into: {', '.join(changed)}" if changed else f"{arguments[0]} stood there already.")


if __name__ == "__main__":
    main(sys.argv[1:])
