"""The book's table of contents: every notebook once, in order, and a file for every page. The built book: test_book_site."""

import re

from book import sources
from tools.notebooks import ROOT, SERIES


def test_the_table_of_contents_has_every_notebook_and_every_page_once():
    parts = [stem for numbers in sources.PARTS.values() for stem in sources.stems(numbers)]
    assert parts == [path.stem for path in SERIES] == list(sources.learned()), "parts, notebooks and README's map"
    pages = re.findall(r"^[\w/]+$", sources.contents(), re.M)
    assert pages == [*(f"notebooks/{stem}" for stem in parts), *sources.OWN, *sources.PAGES]
    assert all((ROOT / source).is_file() for source in sources.PAGES.values())
    written = {path.stem for path in (ROOT / "book" / "pages").glob("*.md")} | {"remember"}
    assert written == {"index", *sources.OWN}
