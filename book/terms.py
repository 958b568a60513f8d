"""Words of the glossary become links where a page first uses them."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "glossary"
#: Words of the glossary that are everyday words, too: they are explained there and linked nowhere.
EVERYDAY = {"base", "drawn", "head", "part", "power", "reading", "run", "truth", "label", "shortcut", "baseline"}


class Terms(SphinxPostTransform):
    """Link the first use of each term in running text and lists; headings, code, formulas and links stay as they are."""

    default_priority = 700

    def run(self, **kwargs) -> None:
        known = self.env.domaindata["std"]["terms"]  # (docname, place) by the term in lower case
        here = self.env.current_document.docname
        wanted = {name: place for name, (page, place) in known.items() if page == GLOSSARY and name not in EVERYDAY}
        if here == GLOSSARY or not wanted:
            return
        longest_first = "|".join(re.escape(name) for name in sorted(wanted, key=len, reverse=True))
        words = re.compile(rf"(?<![\w-])({longest_first})(s|es)?(?![\w-])", re.IGNORECASE)
        linked = set()
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, (nodes.paragraph, nodes.emphasis, nodes.strong)) and not inside_a_link(text):
                self.link(text, words, wanted, linked)

    def link(self, text: nodes.Text, words: re.Pattern, wanted: dict, linked: set) -> None:
        """Cut a text at the terms that no text before it had."""
        pieces, done = [], 0
        for found in words.finditer(text):
            place = wanted[found[1].lower()]
            if place in linked:
                continue
            linked.add(place)
            address = self.app.builder.get_relative_uri(self.env.current_document.docname, GLOSSARY) + f"#{place}"
            link = nodes.reference("", found[0], internal=True, refuri=address, classes=["term"])
            pieces += [nodes.Text(text[done : found.start()]), link]
            done = found.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(text[done:])])


def inside_a_link(node: nodes.Node) -> bool:
    """Whether a text stands in a link or a heading, however deep."""
    while node := node.parent:
        if isinstance(node, (nodes.reference, nodes.title)):
            return True
    return False


def setup(app) -> dict:
    app.add_post_transform(Terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
