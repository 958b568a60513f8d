"""`python -m tools.stamp OWNER/NAME`: one command writes the repository's address everywhere it stands."""

import json
import pathlib
import re
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.stamp as stamp_tool
from tools.stamp import stamp

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNSTAMPED = "OWNER/NAME"
SETUP = 'import glob\nREPOSITORY = "OWNER/NAME"\nhere = 1'


@pytest.fixture
def repository(tmp_path):
    """A small copy: a README with badges, a citation, a notebook with the setup cell and other addresses."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "README.md").write_text(
        "[![Colab](badge.svg)](https://colab.research.google.com/github/OWNER/NAME/blob/main/notebooks/00_x.ipynb)\n"
        "[![Kaggle](k.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/OWNER/NAME/blob/main/x.ipynb)\n"
        "[![Binder](b.svg)](https://mybinder.org/v2/gh/OWNER/NAME/main)\n"
        "git clone https://github.com/OWNER/NAME, not github.com/OWNER/NAMES nor github.com/OWNER/NAME-2 nor\n"
        "`python -m tools.stamp OWNER/NAME`\n",
        "utf-8",
    )
    (tmp_path / "CITATION.cff").write_text('repository-code: "https://github.com/OWNER/NAME"\n', "utf-8")
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["setup"]},
            "outputs": [],
            "source": SETUP.splitlines(keepends=True),
        },
        {"cell_type": "markdown", "metadata": {}, "source": ["über [Colab](https://x.org/github/OWNER/NAME/y)"]},
    ]
    notebook = json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
    )
    (tmp_path / "notebooks" / "00_x.ipynb").write_text(notebook + "\n", "utf-8")
    return tmp_path


def contents(root):
    return {path: path.read_text("utf-8") for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_stamp_reaches_every_place_and_only_those(repository):
    changed = stamp("ada-l/seven.faces_2", repository)
    assert sorted(changed) == sorted(["CITATION.cff", "README.md", "notebooks/00_x.ipynb"])
    readme = (repository / "README.md").read_text("utf-8")
    assert readme.count("ada-l/seven.faces_2") == 4
    assert "OWNER/NAMES" in readme and "OWNER/NAME-2" in readme and "stamp OWNER/NAME`" in readme
    cells = json.loads((repository / "notebooks" / "00_x.ipynb").read_text("utf-8"))["cells"]
    assert "".join(cells[0]["source"]) == SETUP.replace("OWNER/NAME", "ada-l/seven.faces_2")
    assert cells[1]["source"] == ["über [Colab](https://x.org/github/ada-l/seven.faces_2/y)"]
    assert (repository / "CITATION.cff").read_text("utf-8").count("ada-l/seven.faces_2") == 1


def test_a_stamp_twice_changes_nothing_and_a_fork_can_stamp_again(repository):
    before = contents(repository)
    stamp("ada/course", repository)
    once = contents(repository)
    assert stamp("ada/course", repository) == []
    assert contents(repository) == once
    stamp("grace/fork", repository)
    assert not any("ada/course" in text for text in contents(repository).values())
    stamp(UNSTAMPED, repository)
    assert contents(repository) == before


@pytest.mark.parametrize("after", [".git", ".", ". Then", ")", "#readme", "\n"])
def test_an_address_ends_where_its_name_ends(after, repository):
    (repository / "README.md").write_text(f"git clone https://github.com/OWNER/NAME{after}", "utf-8")
    stamp("ada/course", repository)
    assert (repository / "README.md").read_text("utf-8") == f"git clone https://github.com/ada/course{after}"


@settings(deadline=None)
@given(
    owner=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,20}", fullmatch=True),
    name=st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True),
)
def test_any_address_can_be_stamped_over(owner, name):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        citation = root / "CITATION.cff"
        citation.write_text('repository-code: "https://github.com/OWNER/NAME"\n', "utf-8")
        (root / "README.md").write_text("https://github.com/OWNER/NAME/blob x", "utf-8")
        before = contents(root)
        stamp(f"{owner}/{name}", root)
        assert citation.read_text("utf-8") == f'repository-code: "https://github.com/{owner}/{name}"\n'
        stamp(UNSTAMPED, root)
        assert contents(root) == before


def test_a_notebook_taken_from_a_newer_version_is_stamped_too(repository):
    new = (repository / "notebooks" / "00_x.ipynb").read_text("utf-8")
    stamp("ada/course", repository)
    (repository / "notebooks" / "01_y.ipynb").write_text(new, "utf-8")
    assert stamp("ada/course", repository) == ["notebooks/01_y.ipynb"]


@pytest.mark.parametrize(
    "nonsense",
    ["", "name", "a/b/c", "https://github.com/a/b", "a b/c", "-a/b", "a/", '"; x/y', "a/b\n", "ä/b", "a\\1/b"],
)
def test_nonsense_is_refused_and_nothing_written(nonsense, repository):
    before = contents(repository)
    with pytest.raises(ValueError, match="is not a repository's address; write OWNER/NAME"):
        stamp(nonsense, repository)
    assert contents(repository) == before


def test_the_command_stamps_says_so_and_refuses(repository, capsys, monkeypatch):
    monkeypatch.setattr(stamp_tool, "stamp", lambda address: stamp(address, repository))
    stamp_tool.main(["ada/course"])
    assert capsys.readouterr().out.startswith("Written into: README.md, CITATION.cff")
    stamp_tool.main(["ada/course"])
    assert capsys.readouterr().out == "ada/course stood there already.\n"
    for arguments in (["nonsense"], []):
        with pytest.raises(SystemExit, match="OWNER/NAME"):
            stamp_tool.main(arguments)


def test_the_repositorys_address_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    address = re.search(r'^repository-code: "https://github\.com/([^"]+)"', citation, re.M)[1]
    for path in [ROOT / "README.md", *sorted((ROOT / "notebooks").glob("*.ipynb"))]:
        text = path.read_text("utf-8")
        if address != UNSTAMPED:
            assert f"github.com/{UNSTAMPED}" not in text, f"{path.name} was not stamped"
        if path.suffix == ".ipynb":
            assert f'REPOSITORY = \\"{address}\\"' in text, f"{path.name}: another address"
