"""Weights are fetched once, whole, checked and resumed; every way to fail ends in one sentence with two ways out."""

import collections
import re
import shutil
import threading
import time

import numpy as np
import pytest

from helpers.pretrained import PUBLISHED, PretrainedError, download
from helpers.pretrained.download import fetch

from .pretrained_world import entry, own_folders, serving

BODY = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(download, "TIMEOUT", (2, 2))
    monkeypatch.setattr(download, "CHUNK", 10_000)


def leftovers(weights) -> list[str]:
    return sorted(path.name for path in weights.place.parent.iterdir() if path.suffix not in (".lock", ".sum"))


def test_a_file_is_fetched_once_and_then_taken_from_disk():
    with serving(BODY) as (address, handler):
        weights = entry(address, BODY)
        path = fetch(weights)
        assert path == weights.place and path.read_bytes() == BODY and leftovers(weights) == ["net.h5"]
        assert fetch(weights) == path and handler.asked == [None]


def test_a_broken_connection_is_taken_up_where_it_broke():
    with serving(BODY, "cut", "cut") as (address, handler):
        weights = entry(address, BODY)
        assert fetch(weights).read_bytes() == BODY and leftovers(weights) == ["net.h5"]
        first, second, third = handler.asked
        assert first is None and second == "bytes=150000-" and third.startswith("bytes=22")  # at most a chunk is lost


def test_a_later_try_goes_on_from_the_part_on_disk():
    with serving(BODY, "cut", "503") as (address, handler):
        weights = entry(address, BODY)
        with pytest.raises(PretrainedError, match="503"):
            fetch(weights)
        assert fetch(weights).read_bytes() == BODY
        assert handler.asked[-1] == "bytes=150000-"


def test_a_changed_file_is_not_glued_to_the_part_of_the_old_one():
    with serving(BODY, "cut", "503") as (address, handler):
        weights = entry(address, BODY)
        with pytest.raises(PretrainedError):
            fetch(weights)
        handler.tag = '"two"'
        handler.body = BODY[::-1]
        assert fetch(entry(address, BODY[::-1])).read_bytes() == BODY[::-1]


def test_a_server_without_range_starts_again():
    with serving(BODY, "cut", ranges=False) as (address, handler):
        assert fetch(entry(address, BODY)).read_bytes() == BODY and handler.asked == [None, None]


def test_a_server_that_tells_no_length_and_stops_early_is_noticed():
    with serving(BODY, *["cut_untold"] * 20) as (address, _), pytest.raises(PretrainedError, match="broke before all"):
        fetch(entry(address, BODY))


def test_a_part_that_was_whole_already_is_taken():
    with serving(BODY) as (address, handler):
        weights = entry(address, BODY)
        weights.place.parent.mkdir(parents=True)
        part = weights.place.with_name("net.h5.part")
        part.write_bytes(BODY)
        part.with_name("net.h5.part.etag").write_text('"one"')
        assert fetch(weights).read_bytes() == BODY and handler.asked == [f"bytes={len(BODY)}-"]


def test_a_wrong_sum_is_told_and_nothing_is_kept():
    wrong = bytes(len(BODY))
    with serving(wrong) as (address, _):
        weights = entry(address, BODY)
        with pytest.raises(PretrainedError, match=r"expected md5:\w{32}, found md5:\w{32}"):
            fetch(weights)
        assert leftovers(weights) == []


def test_another_size_is_told_before_the_download():
    with (
        serving(BODY[:1000]) as (address, _),
        pytest.raises(PretrainedError, match="expected 300,000 bytes, found 1,000"),
    ):
        fetch(entry(address, BODY))


def test_without_a_published_sum_that_of_the_first_download_holds():
    body = b"\x89HDF\r\n\x1a\n" + BODY
    with serving(body) as (address, _):
        weights = entry(address, body, digest=None, size=None)
        path = fetch(weights)
        assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", path.with_name("net.h5.sum").read_text())
        assert fetch(weights) == path
        path.write_bytes(body[:-1] + b"?")
        with pytest.raises(PretrainedError, match="expected sha256"):
            fetch(weights)


def test_without_any_sum_a_page_that_asks_to_log_in_is_not_taken_for_weights():
    page = b"<html>Log in to this network first.</html>"
    with serving(page) as (address, _):
        weights = entry(address, page, digest=None, size=None)
        with pytest.raises(PretrainedError, match="expected an HDF5 file, found 42 bytes of something else"):
            fetch(weights)
        assert leftovers(weights) == []


def test_no_network_and_no_such_file_are_told_with_two_ways_out():
    weights = entry("http://127.0.0.1:9", BODY)  # nobody listens at this port
    with pytest.raises(PretrainedError, match=r"There is no network here, or 127.0.0.1:9 cannot be reached") as caught:
        fetch(weights)
    text = str(caught.value)
    assert "Two ways out" in text and str(weights.place) in text and weights.url in text and "emotion_net" in text
    with serving(BODY, "404") as (address, _), pytest.raises(PretrainedError, match=r"answered 404 Not Found"):
        fetch(entry(address, BODY))


def test_a_server_that_falls_silent_is_given_up(monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", (2, 0.1))
    with serving(BODY, "slow") as (address, _), pytest.raises(PretrainedError, match="did not answer in time"):
        fetch(entry(address, BODY))


def test_a_slow_download_shows_a_line(monkeypatch, capsys):
    monkeypatch.setattr(download, "QUIET", 0.2)
    with serving(BODY, "slow") as (address, _):
        fetch(entry(address, BODY))
    assert re.search(r"net: 0 of 0 MB", capsys.readouterr().out)


def test_a_file_brought_by_hand_is_taken_and_a_wrong_one_refused():
    weights = entry("http://127.0.0.1:9", BODY)
    weights.place.parent.mkdir(parents=True)
    weights.place.write_bytes(BODY)
    assert fetch(weights) == weights.place
    weights.place.write_bytes(BODY[:100])
    with pytest.raises(PretrainedError, match=r"expected 300,000 bytes, found 100; it is cut short.*Delete it"):
        fetch(weights)
    assert weights.place.read_bytes() == BODY[:100], "a file that somebody put there is not removed"


def test_keras_own_cache_is_honoured_where_the_sum_is_right(tmp_path):
    cached = tmp_path / "keras" / "models" / "net.h5"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(BODY)
    assert fetch(entry("http://127.0.0.1:9", BODY)) == cached
    cached.write_bytes(bytes(len(BODY)))
    with serving(BODY) as (address, _):
        weights = entry(address, BODY)
        assert fetch(weights) == weights.place


def test_two_notebooks_download_once(monkeypatch, capsys):
    monkeypatch.setattr(download, "QUIET", 0.2)
    with serving(BODY, "slow") as (address, handler):
        weights = entry(address, BODY)
        found = []
        threads = [threading.Thread(target=lambda: found.append(fetch(weights))) for _ in range(2)]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        assert found == [weights.place] * 2 and handler.asked == [None]
    assert "another notebook is downloading it" in capsys.readouterr().out


def test_a_full_disk_is_told_before_and_while_writing(monkeypatch):
    usage = collections.namedtuple("usage", "total used free")
    with serving(BODY, "", "") as (address, _):
        weights = entry(address, BODY)
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 0))
            with pytest.raises(PretrainedError, match=r"0 MB free and net.h5 needs 0 MB more"):
                fetch(weights)

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(download, "receive", full)
            with pytest.raises(PretrainedError, match="The disk is full"):
                fetch(weights)
        assert leftovers(weights) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").write_text("a file in the way")
    with pytest.raises(PretrainedError, match="cannot be written to"):
        fetch(entry("http://127.0.0.1:9", BODY))


def test_the_registry_is_complete():
    for name, weights in PUBLISHED.items():
        assert weights.name == name and weights.url.startswith("https://") and weights.url.endswith(weights.file)
        assert weights.digest is None or re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", weights.digest)
        assert weights.about
