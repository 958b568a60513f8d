"""Published files are downloaded once, whole and checked; every failure names the cause and two ways out."""

import hashlib
import importlib
import inspect
import multiprocessing
import pathlib
import re
import signal
import socket
import time

import numpy as np
import pytest

from helpers.pretrained import PUBLISHED, PretrainedError, download
from helpers.pretrained.download import fetch, local

from .pretrained_world import own_folders, published, serving

BODY = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
NOBODY = "http://127.0.0.1:9"  # nobody listens at this port


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(download, "SCHEMES", ("https", "http"))  # the servers of these tests have no certificate


def lying_beside(file) -> list[str]:
    return sorted(path.name for path in file.path.parent.iterdir())


def test_a_file_is_downloaded_once_with_progress_and_then_taken_from_disk(capsys):
    for digest in (hashlib.md5(BODY).hexdigest(), hashlib.sha256(BODY).hexdigest(), ""):
        with serving(BODY) as (address, ranges):
            file = published(address, BODY, digest=digest)
            assert local(file) is None
            assert fetch(file) == file.path and file.path.read_bytes() == BODY and local(file) == file.path
            assert "net.h5: 0.3 MB from 127.0.0.1" in capsys.readouterr().out
            assert fetch(file) == file.path and len(ranges) == 1 and lying_beside(file) == ["net.h5"]
            file.path.unlink()
    assert socket.getdefaulttimeout() is None


def test_no_network_no_such_file_and_a_silent_server(monkeypatch):
    file = published(NOBODY, BODY)
    with pytest.raises(PretrainedError, match=r"no network here, or 127.0.0.1:9 cannot be reached") as caught:
        fetch(file)
    assert "Two ways out" in str(caught.value) and str(file.path) in str(caught.value) and file.url in str(caught.value)
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    with pytest.raises(PretrainedError, match="switch the Internet on"):
        fetch(file)
    with serving(BODY, "404") as (address, _), pytest.raises(PretrainedError, match="answered 404 Not Found"):
        fetch(published(address, BODY))
    monkeypatch.setattr(download, "SILENCE", 0.2)
    with serving(BODY, "silent") as (address, _), pytest.raises(PretrainedError, match="timed out"):
        fetch(published(address, BODY))
    assert lying_beside(file) == [] and socket.getdefaulttimeout() is None


def test_what_is_cut_short_or_another_file_is_not_kept():
    page = b"<html>Log in to this network first.</html>"
    other = bytes(len(BODY))
    for body, behaviour, message in (
        (other, "", "is not net.h5: its digest is"),
        (BODY, "cut", "ended after 150,000"),
        (page, "", "ended after 42 of"),
    ):
        with serving(body, behaviour) as (address, _):
            file = published(address, BODY)
            with pytest.raises(PretrainedError, match=message):
                fetch(file)
            assert lying_beside(file) == []


def test_a_server_that_sends_without_an_end_or_hardly_anything(monkeypatch):
    with serving(BODY, "endless", "Content-Length: 9999999999") as (address, _):
        for digest in ("", hashlib.sha256(BODY).hexdigest()):
            file = published(address, BODY[:1000], digest=digest)
            with pytest.raises(PretrainedError, match=r"larger than the published 1,000 bytes"):
                fetch(file)
    monkeypatch.setattr(download, "SILENCE", 0.3)
    with serving(BODY, "trickle") as (address, _), pytest.raises(PretrainedError, match=r"it sent \d bytes in 0 s"):
        fetch(published(address, BODY))
    assert lying_beside(file) == []


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Location: file:///etc/hostname", "302 .*file:///etc/hostname.* not allowed"), ("Location: http://[", "sent is not"),
        ("Location: ftp://127.0.0.1:9/x", "no https address"), ("Location: /again", "cannot be reached|answered 302|302"),
        ("Content-Length: abc", None), ("Content-Length: -5", None), ("Content-Encoding: gzip", None),
    ],
)  # fmt: skip
def test_odd_answers(header, message):
    """A body that is whole is taken whatever its head says; a redirect away from https never is."""
    with serving(BODY, *[header] * 20) as (address, _):
        file = published(address, BODY)
        if message is None:
            assert fetch(file).read_bytes() == BODY
            return
        with pytest.raises(PretrainedError, match=message) as caught:
            fetch(file)
    assert "Two ways out" in str(caught.value) and lying_beside(file) == []


def test_only_https_is_spoken(monkeypatch):
    monkeypatch.setattr(download, "SCHEMES", ("https",))
    with serving(BODY) as (address, requests):
        for url in (address, "file:///etc/hostname?", "ftp://127.0.0.1"):
            with pytest.raises(PretrainedError, match="no https address"):
                fetch(published(url, BODY))
        assert requests == []


def test_a_file_brought_by_hand_is_taken_and_a_wrong_one_is_refused_but_not_removed():
    file = published(NOBODY, BODY)
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(BODY)
    assert fetch(file) == file.path
    file.path.write_bytes(BODY[:100])
    for question in (local, fetch):
        with pytest.raises(PretrainedError, match=r"100 of 300,000 bytes.* Delete it"):
            question(file)
    assert file.path.read_bytes() == BODY[:100]


def test_a_killed_download_leaves_nothing_in_the_files_place():
    with serving(BODY, "slow", "slow") as (address, ranges):
        file = published(address, BODY)
        process = multiprocessing.get_context("fork").Process(target=fetch, args=(file,))
        process.start()
        while not ranges or not list(file.path.parent.glob(".net-*")):
            time.sleep(0.05)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL and local(file) is None
        assert fetch(file).read_bytes() == BODY


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").write_text("a file in the way")
    with serving(BODY) as (address, _), pytest.raises(PretrainedError, match=r"cannot be written to .*weights"):
        fetch(published(address, BODY))


def test_every_published_file_has_a_safe_address_a_size_and_a_digest():
    assert len({file.path for file in PUBLISHED.values()}) == len(PUBLISHED)
    for name, file in PUBLISHED.items():
        assert file.name == name and file.url.startswith("https://") and file.size > 0 and file.terms
        assert pathlib.PurePath(file.path.name).name == file.path.name and file.path.suffix
        assert re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", file.digest) or name == "vggface_resnet50"


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_keras_own_addresses_and_digests_are_ours(name):
    source = inspect.getsource(importlib.import_module(f"keras.src.applications.{name}"))
    assert PUBLISHED[name].digest in source and PUBLISHED[name].path.name in source
