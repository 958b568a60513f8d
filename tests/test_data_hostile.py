"""Sources that somebody made to hurt: whatever they are, `load` and `find` end soon, in a small memory and in a sentence."""

import json
import os
import struct
import zipfile

import pytest

from helpers import CLASSES, environment, files
from helpers.data import DataError, archives, audit, find, load, sources, tables
from helpers.data.images import NotAPicture, decode
from tests import hostile
from tests.test_data_sources import csv_of, row, skipped

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, devices and links are made as on Unix")


@pytest.fixture
def folder(tmp_path):
    return hostile.class_folders(tmp_path / "set", hostile.whole(4))


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setattr(sources, "KAGGLE", tmp_path / "kaggle")
    monkeypatch.setattr(sources, "reachable", lambda host: False)
    return environment.folder("data")


def refused(source, *words, **options):
    with pytest.raises(DataError) as caught:
        load(source, **options)
    message = str(caught.value)
    assert all(str(word) in message for word in words) and len(message) < 1500 and "\n" not in message, message


def rows(n: int = 4):
    return [row(code, "Training", 7 * k + code) for k in range(n) for code in range(7)]


# What is no file


@pytest.mark.parametrize("name", ["x.fifo", "fer2013.csv", "set.zip", "x.png"])
def test_pipes_are_not_waited_for(tmp_path, data_folder, name):
    for place in (tmp_path, data_folder):
        os.mkfifo(place / name)
    refused(tmp_path / name, tmp_path / name, "pipe", "who may read it")
    with pytest.raises(NotAPicture, match="pipe"):
        decode(tmp_path / name)
    assert find() is None


def test_devices_are_no_files_and_links_to_them_are_left_out(tmp_path, folder):
    refused("/dev/zero", "/dev/zero", "device")
    os.symlink("/dev/zero", folder / "train" / "sad" / "endless.png")
    os.symlink("/dev/zero", tmp_path / "endless.csv")
    refused(tmp_path / "endless.csv", "device")
    assert skipped(load(folder)) == {"broken link or special file": 1}


def test_links_in_circles_and_into_what_one_may_not_open(tmp_path, folder, monkeypatch):
    for name in ("loop", "loop.csv", "loop.zip"):
        os.symlink(tmp_path / name, tmp_path / name)
        refused(tmp_path / name, tmp_path / name, "symbolic links")
    os.symlink(tmp_path / "loop", folder / "train" / "sad" / "loop.png")
    os.symlink(tmp_path / "loop", folder / "train" / "loop")
    assert skipped(load(folder)) == {"broken link or special file": 2}
    stat = os.stat

    def forbidden(path, **options):
        if "secret" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", forbidden)
    os.symlink(tmp_path / "secret", folder / "train" / "happy" / "secret.png")
    assert skipped(load(folder)) == {"broken link or special file": 3}
    scan = os.scandir
    monkeypatch.setattr(
        os, "scandir", lambda path: (_ for _ in ()).throw(PermissionError()) if "angry" in str(path) else scan(path)
    )
    refused(folder, "no pictures of angry", "3 folder that cannot be opened", "Check who may read the folders")


@pytest.mark.parametrize("path", ["x" * 5000, "/".join(["ab"] * 2000), "~nosuchuser/faces", "a\0b", ""])
def test_names_that_cannot_be(path):
    for source in filter(None, (path, path and f"./{path}.csv", path and f"{path}.zip")):
        refused(source, "Check")


def test_a_file_that_one_may_not_read(tmp_path, monkeypatch):
    paths = [csv_of(tmp_path / "fer2013.csv", rows()), tmp_path / "set.zip"]
    paths[1].write_bytes(b"PK")

    def forbidden(path, *_, **__):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", forbidden)
    for path in paths:
        refused(path, path, "Permission denied", "who may read it")


# Names


def test_deep_names_and_deep_folders_cost_nothing(tmp_path, folder):
    path = hostile.zipped(folder, tmp_path / "deep.zip")
    with zipfile.ZipFile(path, "a") as archive:
        for k in range(300):
            archive.writestr("a/" * 16_000 + f"train/angry/{k}.png", b"")
    assert skipped(load(path)) == {"file with an endless name": 300}
    here = os.getcwd()
    try:
        os.chdir(folder / "train")
        for _ in range(1200):
            os.mkdir("deeper")
            os.chdir("deeper")
        os.chdir(here)
        assert skipped(load(folder)) == {"folder too deep": 1}
    finally:
        os.chdir(here)
        os.system(f"rm -rf '{folder}/train/deeper'")


def test_numbers_of_thousands_of_digits_are_names_like_others(tmp_path, folder, monkeypatch):
    digits = "7" * 5000
    (folder / "train" / "sad" / f"{digits[:20]}.png").write_bytes(hostile.encoded(hostile.face(500)))
    (folder / "train" / "sad" / f"{digits[:200]}.png").write_bytes(hostile.encoded(hostile.face(501)))
    assert len(load(folder)) == 86
    path = hostile.zipped(folder, tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"train/sad/{digits[:900]}.png", hostile.encoded(hostile.face(502)))
        archive.writestr(f"train/sad/{digits}.png", hostile.encoded(hostile.face(502)))
    assert len(load(path)) == 87 and files.natural(digits) == [(1, 0, ""), (0, 5000, digits), (1, 0, "")]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"train/{digits[:900]}/1.png", hostile.encoded(hostile.face(502)))
    refused(path, "2013 order")
    table = csv_of(tmp_path / "fer2013.csv", [*rows(9), row(digits, "Training", 99)])
    assert skipped(load(table)) == {"row with an emotion other than 0 to 6": 1}
    votes = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    for bad in (f"Training,fer1.png,{digits}" + ",0" * 9, "Training," + "x" * 200_000 + ",1" * 10):
        (tmp_path / "fer2013new.csv").write_text(votes + bad + "\n")
        try:
            assert load(table).train.votes is None
        except DataError as problem:
            assert "not a whole FER+ file" in str(problem)
    (tmp_path / "fer2013new.csv").write_text(f"{votes}Training,fer{digits}.png" + ",1" * 10 + "\n")
    assert load(table).train.votes is None
    for wish in (digits, "9" * 11, "-1", "²"):
        monkeypatch.setenv("COURSE_SEED", wish)
        with pytest.raises(files.CourseError, match=r"COURSE_SEED is .* whole number"):
            environment.seed()
    assert files.whole_number(" 007 ", 9) == 7 and files.whole_number("10", 9) is None


# Zips that lie


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("name", ["train/sad/bomb.png", "fer2013.csv", "about.json", "fer2013new.csv"])
def test_a_member_of_other_size_or_packing_than_it_says(tmp_path, folder, method, name):
    path = hostile.zipped(folder, tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), bytes(3 << 20), compress_type=method)
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        start = data.rindex(mark)
        struct.pack_into("<I", data, start + at, 100)  # of three million bytes
    path.write_bytes(data)
    try:
        assert len(load(path)) == 84
    except DataError as problem:
        assert name == "fer2013new.csv" and "not a whole FER+ file" in str(problem)


def test_what_a_member_may_unpack_to_is_bounded(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage\n")
    refused(tmp_path / "a.zip", "packed in a way that is not read here")
    monkeypatch.setattr(files, "LIMIT_LIST", 40)
    hostile.bomb(tmp_path / "b.zip", 1)
    refused(tmp_path / "b.zip", "list of files is over")


@pytest.mark.parametrize("at", [40, 70, 90, 200, 2000])
def test_a_damaged_table_in_a_zip(tmp_path, at):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage\n" + "\n".join(rows(9)))
    raw = bytearray(path.read_bytes())
    raw[at : at + 4] = b"\xff\xfe\xfd\xfc"
    path.write_bytes(raw)
    refused(path, path)


# Tables


def test_pixels_outside_0_to_255_are_no_pixels(tmp_path):
    for value in ("65541", "-65531", "4294967301", "18446744073709551621", "9" * 5000, "256", "-1"):
        wrong = row(0, "Training", 0, " ".join([value] + ["5"] * 2303))
        data = load(csv_of(tmp_path / "fer2013.csv", [*rows(9), wrong]))
        assert len(data) == 63 and sum(skipped(data).values()) == 1, value


def test_a_table_of_another_kind_is_said_to_be_one(tmp_path):
    named = [line.replace("0,", "angry,", 1) for line in rows() if line.startswith("0,")]
    refused(csv_of(tmp_path / "named.csv", named), "4 row with an emotion other", "an emotion from 0 to 6 (angry, ")
    floats = [row(k, "Training", 0, " ".join(["0.5"] * 2304)) for k in range(7)]
    refused(csv_of(tmp_path / "floats.csv", floats), "7 row with something other", "whole numbers from 0 to 255")


def test_a_table_without_an_end(tmp_path, monkeypatch):
    path = csv_of(tmp_path / "fer2013.csv", rows(9))
    monkeypatch.setattr(tables, "LIMIT_ROWS", 62)
    refused(path, "over 62 rows")
    with open(path, "ab") as file:
        file.truncate(3 << 30)  # three gigabytes without a line's end
    monkeypatch.setattr(tables, "LIMIT_ROWS", 100)
    refused(path, "over 100 rows")


# Folders of the course


def test_a_data_folder_that_is_none_or_may_not_be_written(tmp_path, data_folder, monkeypatch):
    (data_folder / "drawn_faces").write_text("a file in the way")
    refused("drawn", "cannot be drawn into", "COURSE_DATA_FOLDER", n=70)
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "data", "x" * 5000, "/proc/nothing"):
        monkeypatch.setenv("COURSE_DATA_FOLDER", str(place))
        with pytest.raises(files.CourseError, match=r"cannot be written .* COURSE_DATA_FOLDER"):
            find()


@pytest.mark.parametrize(
    "about", [b"[" * 200_000, b"[]", b"null", b'{"drawing": 3}', b'{"drawing": {}, "seal": 0}', b"\xff"]
)
def test_a_page_about_a_set_that_says_nothing(folder, about):
    (folder / "about.json").write_bytes(about)
    (folder / "labels.csv").write_bytes(b"path\n")
    assert not load(folder).drawn
    (folder / "about.json").unlink()
    os.mkfifo(folder / "about.json")
    assert not load(folder).drawn and find() is None


def test_real_pictures_are_never_drawn_ones_whatever_lies_beside_them(data_folder, tmp_path):
    """A table of labels, a page about.json, even both from a drawn set: photographs beside them keep their privacy."""
    drawn = load("drawn", n=70, seed=5)
    assert drawn.drawn and load(hostile.zipped(drawn.path, tmp_path / "packed.zip")).drawn
    photograph = hostile.encoded(hostile.face(1))
    for change in ("swapped", "added", "relabelled", "removed"):
        copy = tmp_path / change
        os.system(f"cp -r '{drawn.path}' '{copy}'")
        name = str(drawn.train.names[0])
        if change == "swapped":
            (copy / name).write_bytes(photograph)
        elif change == "added":
            (copy / "train" / "sad" / "Training_99999.png").write_bytes(photograph)
        elif change == "relabelled":
            (copy / name).rename(copy / "train" / "other_name.png")
        else:
            (copy / name).unlink()
        if change != "relabelled":
            found = load(copy)
            assert not found.drawn and found.train.truth is None and "drawn faces, world" not in found.source
        (copy / "about.json").write_text(json.dumps({"drawing": 3, "seed": 5}))
        assert not load(copy, spelled={}).drawn
    (tmp_path / "packed" / ".DS_Store").parent.mkdir()
    os.system(f"cp -r '{drawn.path}/.' '{tmp_path}/packed/'")
    (tmp_path / "packed" / ".DS_Store").write_bytes(b"")
    assert load(tmp_path / "packed").drawn, "what a computer puts beside them does no harm"


def test_an_audit_of_what_was_loaded_from_all_that(folder):
    (folder / "train" / "sad" / "empty.png").write_bytes(b"")
    assert audit(load(folder)).counts["images"] == 84 and archives.kind_of(folder / "nothing") == ""
    assert set(CLASSES) <= set(audit(load(folder)).per_class.index)
