"""Sphinx's settings for the book; `make book` prepares everything that they name."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from book import sources

ADDRESS = sources.repository()
KAGGLE = "https://kaggle.com/kernels/welcome?src="

project, author, copyright = (
    "Seven Faces",
    "The Seven Faces authors",
    "The Seven Faces authors. Text and figures: CC BY 4.0",
)
extensions = ["myst_nb", "book.terms"]
exclude_patterns = ["made", "static"]

nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show, nb_code_prompt_hide = "Show {type}", "Hide {type}"
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
mathjax_path = "mathjax/tex-svg.js"

html_theme = "sphinx_book_theme"
html_title = "Seven Faces"
html_favicon = "static/icon.svg"
html_logo = "static/icon.svg"
html_static_path = [str(pathlib.Path(os.environ.get("BOOK_MADE", "static")) / "static")]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sphinx = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "repository_url": ADDRESS,
    "repository_branch": "main",
    "use_repository_button": True,
    "use_download_button": False,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
    "logo": {"text": "Seven Faces"},
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "secondary_sidebar_items": {"**": ["page-toc.html"], "index": []},
    "show_navbar_depth": 2,
    "max_navbar_depth": 1,
    "extra_footer": "Made with Sphinx, MyST-NB and its book theme. Formulas: MathJax. The network's arithmetic: LiteRT.js. Both under Apache-2.0.",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# The front page may fetch from nowhere but its own address; a picture that is shown to it cannot leave it.
POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
POLICY += "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"


def on_page(app, page, template, context, doctree) -> None:
    """Kaggle joins the launch buttons; the front page gets its policy and its script."""
    for button in context.get("header_buttons", []):
        if button.get("label") == "launch-buttons":
            address = f"{KAGGLE}{ADDRESS}/blob/main/{page}.ipynb"
            icon = "_static/kaggle.svg"
            words = {"text": "Kaggle", "tooltip": "Launch on Kaggle"}
            button["buttons"].append({"type": "link", "icon": icon, "url": address, **words})
    if page == "index":
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        context["metatags"] = policy + context.get("metatags", "")


def setup(app) -> None:
    app.connect("html-page-context", on_page, priority=900)
