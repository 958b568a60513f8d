"""`make book`: the series as a web site in build/book, from the committed outputs. No notebook is run."""

import os
import shutil
import sys

from sphinx.cmd.build import build_main

from book import front, npm, sources
from tools.notebooks import ROOT

MADE = ROOT / "build" / "book-made"  # what Sphinx gets: pages, notebooks, and the files of `static`
SITE = ROOT / "build" / "book"
MOST = 25  # MB: a site that a phone can keep
LOOK = f"Look at it:  python -m http.server --directory {SITE.relative_to(ROOT)}   and open http://localhost:8000"


def main() -> None:
    shutil.rmtree(MADE, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    sources.write(MADE)
    npm.fetch(ROOT / "build" / "npm", MADE / "static")
    front.write(MADE / "static" / "front")
    os.environ["BOOK_MADE"] = str(MADE)
    options = ["-b", "html", "-W", "--keep-going", "-q", "-d", str(ROOT / "build" / "book-trees")]
    if failed := build_main([*options, "-c", str(ROOT / "book"), str(MADE), str(SITE)]):
        sys.exit(failed)
    for path in [*SITE.rglob("*.map"), *(SITE / "_static").glob("*.html")]:  # for whoever changes the theme's scripts
        path.unlink()
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) / 1e6
    print(f"build/book: {len(list(SITE.rglob('*.html')))} pages, {size:.1f} MB. {LOOK}")
    if size > MOST:
        sys.exit(f"The book has {size:.1f} MB, and should stay under {MOST}.")


if __name__ == "__main__":
    main()
