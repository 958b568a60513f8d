"""What the tests of training share: a runs folder of their own, and a small world."""

import pytest


@pytest.fixture(autouse=True)
def run_folder(request, tmp_path, monkeypatch):
    """The runs folder of a test of training; the other tests keep the one they have."""
    if request.module.__name__.startswith("tests.test_training"):
        monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture(scope="module")
def data():
    """A small world of noise with something to learn in it."""
    from tests.training_world import world

    return world()
