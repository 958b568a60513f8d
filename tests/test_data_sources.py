"""Any source is found, listed and loaded, or refused with a message that names the path and the fix."""

import os
import stat
import sys
import types
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_faces import folders
from helpers import CLASSES, environment, files
from helpers.data import CSV_ORDER, DataError, archives, find, layouts, load, sources
from tests import hostile


@pytest.fixture
def folder(tmp_path):
    return hostile.class_folders(tmp_path / "set", hostile.whole(4))


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty data folder, no Kaggle, no network."""
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sources, "KAGGLE", tmp_path / "kaggle" / "input")
    monkeypatch.setattr(sources, "reachable", lambda host: False)
    return environment.folder("data")


def refused(source, *words, **options):
    """`load` refuses a source, in a message that holds these words."""
    with pytest.raises(DataError) as caught:
        load(source, **options)
    for word in words:
        assert str(word) in str(caught.value), caught.value


def skipped(data) -> dict[str, int]:
    return dict(data.skipped.itertuples(index=False))


# Names of folders and files


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Angry", "angry"), ("0_angry", "angry"), ("angry faces", "angry"), ("Disgusted", "disgust"), ("fearful", "fear"),
        ("joy", "happy"), ("sadness", "sad"), ("suprise", "surprise"), ("neutral_", "neutral"), ("AN", "angry"),
        ("01_SU", "surprise"), ("mad", "angry"), ("contempt", None), ("faces", None), ("3", None), ("happy_sad", None),
        ("sadly", None), ("", None), ("an archive", None),
    ],
)  # fmt: skip
def test_class_names_of_any_spelling(folder, name):
    assert layouts.class_of(folder) == name


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(CLASSES), number=st.integers(0, 99), upper=st.booleans(), glue=st.sampled_from(list("_- ."))
)
def test_numbers_and_case_do_not_change_a_class(name, number, upper, glue):
    word = name.upper() if upper else name.title()
    for folder in (f"{number}{glue}{word}", f"{word}{glue}{number}", f" {word} "):
        assert layouts.class_of(folder) == name


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=20))
def test_any_name_is_read_or_not(name):
    assert layouts.class_of(name) in (*CLASSES, None)
    assert layouts.split_of(name) in ("train", "validation", "test", None)
    usage, row = layouts.usage_of(name + ".jpg")
    assert usage in ("", *layouts.USAGES) and row >= -1


def test_number_folders_follow_the_2013_order_and_say_so(tmp_path):
    numbers = {str(i): 4 for i in range(7)}
    data = load(hostile.class_folders(tmp_path, {"train": numbers, "test": numbers}))
    assert "2013 order" in data.source
    for part in data.parts.values():
        for name, label in zip(part.names, part.labels, strict=True):
            assert CLASSES[label] == CSV_ORDER[int(name.split("/")[1])]


def test_numbers_that_are_not_the_2013_order_are_refused(tmp_path):
    raf = hostile.class_folders(tmp_path / "raf", {"train": {str(i): 3 for i in range(1, 8)}})
    refused(raf, raf, "2013 order", "spelled=")
    meaning = dict(zip("1234567", ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), strict=True))
    data = load(raf, spelled=meaning)
    assert data.counts().loc["angry", "total"] == 3 and "2013 order" not in data.source


def test_an_unknown_class_is_named_with_the_ways_out(folder):
    hostile.class_folders(folder, {"train": {"contempt": 2}})
    refused(folder, folder / "train" / "contempt", "spelled=", "ignore=")
    data = load(folder, ignore=("contempt",))
    assert len(data) == 84 and skipped(data) == {"in an ignored folder": 2}
    assert load(folder, spelled={"contempt": "disgust"}).counts().loc["disgust", "train"] == 6
    refused(folder, "one of", spelled={"contempt": "pride"})


# What lies around


def test_litter_and_bad_pictures_are_skipped_and_counted(folder):
    litter = hostile.junk(folder)
    bad = hostile.bad_files()
    for name, (data, _) in bad.items():
        (folder / "train" / "happy" / name).write_bytes(data)
    odd = hostile.odd_files(hostile.face(77))
    for name, data in odd.items():
        (folder / "train" / "sad" / name).write_bytes(data)
    data = load(folder)
    reasons = skipped(data)
    expected = {kind: sum(k == kind for _, k in bad.values()) for _, kind in bad.values()}
    assert {kind: reasons[kind] for kind in expected} == expected
    assert reasons["system file"] == 6 and reasons["hidden file"] == 1 and reasons["not a picture file"] == 3
    assert reasons["system folder"] == 1 and sum(reasons.values()) == litter + len(bad)
    assert data.counts().loc["sad", "train"] == 4 + len(odd) and data.counts().loc["happy", "train"] == 4
    assert "6 system file" in repr(data)


def test_nothing_in_the_folder_is_touched_and_it_may_be_read_only(folder, tmp_path):
    hostile.junk(folder)
    archive = hostile.zipped(folder, tmp_path / "set.zip")
    for path in [*folder.rglob("*"), folder]:
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else 0) for path in folder.rglob("*")}
    one, two = load(folder), load(archive)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else 0) for path in folder.rglob("*")}
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert before == after
    for name, part in one.parts.items():
        assert (part.images == two.parts[name].images).all() and (part.names == two.parts[name].names).all()


def test_circles_of_links_and_what_is_no_file(folder):
    os.symlink(folder, folder / "train" / "again")
    os.symlink(folder / "nowhere", folder / "broken.png")
    os.mkfifo(folder / "train" / "happy" / "pipe.png")  # reading it would wait for ever
    data = load(folder)
    assert len(data) == 84
    assert skipped(data) == {"link back into the same folder": 1, "broken link or special file": 2}


def test_files_are_counted_as_people_count(tmp_path):
    for number in (10, 9, 2):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    assert archives.Folder(tmp_path).pictures == ["2.jpg", "9.jpg", "10.jpg"]


# Refusals


def test_places_that_hold_nothing(tmp_path, monkeypatch):
    refused(tmp_path / "absent", tmp_path / "absent", "does not exist")
    refused(tmp_path, tmp_path, "no pictures", "angry")
    (tmp_path / "notes.txt").write_text("x")
    refused(tmp_path, "1 not a picture file")
    refused(tmp_path / "notes.txt", "neither a folder, a zip nor a CSV")
    (tmp_path / "set.tar.gz").write_bytes(b"\x1f\x8b")
    refused(tmp_path / "set.tar.gz", "Unpack it")
    monkeypatch.setattr(archives, "LIMIT_FILES", 1)
    refused(tmp_path, "over 1 files")


def test_missing_classes_and_two_classes_alone(tmp_path):
    two = hostile.class_folders(tmp_path / "two", {"train": {"happy": 20, "sad": 20}})
    refused(two, two, "angry, disgust, fear, neutral, surprise", "only=('happy', 'sad')", "Add a folder")
    data = load(two, only=("sad", "happy"))
    assert data.classes == ("happy", "sad") and set(data.train.labels) == {0, 1} and len(data) == 40
    assert all(("happy" in name) == (label == 0) for name, label in zip(data.test.names, data.test.labels, strict=True))
    refused(two, "two or more", only=("happy",))
    refused(two, "two or more", only=("happy", "pride"))


def test_a_class_that_train_lacks(folder):
    for file in (folder / "train" / "fear").iterdir():
        file.unlink()
    refused(folder, folder, "fear", "to train on")
    assert len(load(folder, only=("sad", "happy"))) == 24


def test_a_part_that_cannot_be_read_or_is_too_small(folder, tmp_path):
    for file in (folder / "test").rglob("*.png"):
        file.write_bytes(b"")
    refused(folder, folder, "test part", "28 empty file")
    few = hostile.class_folders(tmp_path / "few", {"": dict.fromkeys(CLASSES, 1)})
    refused(few, few, "too few pictures")
    with pytest.raises(ValueError, match="usual, report1"):
        load(few, "report9")


# Zips


@pytest.mark.parametrize("name", ["../evil.png", "train/../../evil.png", "..\\evil.png"])
def test_a_zip_with_a_path_out_of_it_writes_nothing(folder, tmp_path, name):
    path = hostile.climbing(hostile.zipped(folder, tmp_path / "a" / "b" / "climb.zip"), name)
    before = sorted(tmp_path.rglob("*"))
    data = load(path)
    assert len(data) == 84 and len(data.skipped) == 1 and sorted(tmp_path.rglob("*")) == before


def test_bombs_and_broken_zips(tmp_path, monkeypatch):
    refused(hostile.bomb(tmp_path / "bomb.zip"), tmp_path / "bomb.zip", "can be read", "1 too large")
    monkeypatch.setattr(files, "LIMIT_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "table.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fer2013.csv", "emotion,pixels\n" * 1000)
    refused(tmp_path / "table.zip", "fer2013.csv", "would unpack to")
    (tmp_path / "text.zip").write_text("no zip")
    refused(tmp_path / "text.zip", "cannot be opened as a zip", "Download it again")
    set_ = hostile.class_folders(tmp_path / "set", hostile.whole(2))
    whole = hostile.zipped(set_, tmp_path / "whole.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "half.zip", tmp_path / "half.zip", "Download it again")


def test_encrypted_entries_links_and_damage_in_a_zip_are_skipped(folder, tmp_path):
    data = load(hostile.encrypted(tmp_path / "odd.zip", folder))
    assert len(data) == 83 and skipped(data) == {"cannot be read": 1, "not a picture": 1}
    raw = bytearray(hostile.zipped(folder, tmp_path / "damaged.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "damaged.zip") as archive:
        at = next(entry for entry in archive.infolist() if entry.filename.endswith(".png")).header_offset
    raw[at + 120 : at + 160] = bytes(40)
    (tmp_path / "damaged.zip").write_bytes(raw)
    data = load(tmp_path / "damaged.zip")
    assert len(data) == 83 and skipped(data) == {"cannot be read": 1}


def test_a_zip_made_on_a_mac_with_a_folder_and_a_zip_inside(folder, tmp_path):
    for file in [*folder.rglob("*.png")]:
        shadow = folder / "__MACOSX" / file.relative_to(folder).parent / f"._{file.name}"
        shadow.parent.mkdir(parents=True, exist_ok=True)
        shadow.write_bytes(b"\0\5\x16\7")
    hostile.zipped(folder / "train", folder / "inner.zip")
    data = load(hostile.zipped(folder.parent, tmp_path.parent / f"{tmp_path.name}.zip"))
    assert len(data) == 84 and skipped(data) == {"system file": 84, "archive inside": 1}


# Layouts


def test_the_doubled_tree_counts_once(tmp_path):
    parts = {"train": dict.fromkeys(CLASSES, 4), "validation": dict.fromkeys(CLASSES, 4)}
    for base in ("images", "images/images"):
        hostile.class_folders(tmp_path / base, parts)
    data = load(tmp_path)
    assert len(data) == 56 and skipped(data) == {"second copy under images/images": 56}
    assert all(name.startswith("images/train") for name in data.train.names)


def test_what_a_source_lacks_is_cut_out_of_train_and_said(tmp_path):
    flat = load(hostile.class_folders(tmp_path / "flat", {"": dict.fromkeys(CLASSES, 20)}), seed=3)
    assert [len(part) for part in flat.parts.values()] == [112, 14, 14] and "cut out of train" in flat.source
    again = load(tmp_path / "flat", seed=3)
    assert all((a.names == b.names).all() for a, b in zip(flat.parts.values(), again.parts.values(), strict=True))
    assert (load(tmp_path / "flat", seed=4).test.names != flat.test.names).any()
    two = hostile.class_folders(
        tmp_path / "two", {"train": dict.fromkeys(CLASSES, 20), "val": dict.fromkeys(CLASSES, 5)}
    )
    data = load(two)
    assert [len(part) for part in data.parts.values()] == [126, 35, 14], "what the source ships stays whole"
    assert set(data.validation.counts().values()) == {5}
    assert [len(part) for part in load(two, "shipped").parts.values()] == [140, 35, 0]
    without = load(two, ignore="val")
    assert len(without) == 140 and "validation and test cut out of train" in without.source
    alone = load(hostile.class_folders(tmp_path / "alone", {"test": dict.fromkeys(CLASSES, 10)}))
    assert "its test part taken as train" in alone.source and [len(p) for p in alone.parts.values()] == [56, 7, 7]


def test_pictures_of_other_sizes_are_stretched(tmp_path):
    hostile.class_folders(tmp_path, {"": dict.fromkeys(CLASSES, 10)})
    (tmp_path / "angry" / "large.png").write_bytes(hostile.encoded(hostile.face(500, 300)))
    data = load(tmp_path, size=64)
    assert data.train.images.shape[1:] == (64, 64) and len(data) == 71


def test_parts_by_index(folder):
    train = load(folder).train
    some = train.take([3, 1])
    assert train.images.dtype == np.uint8 and train.images.shape == (28, 48, 48) and train.labels.dtype == np.int64
    assert some.names.tolist() == train.names[[3, 1]].tolist() and (some.images[1] == train.images[1]).all()
    happy = train.take(train.labels == 3)
    assert happy.counts() == {name: 4 if name == "happy" else 0 for name in CLASSES} and "happy 4" in repr(happy)


# The 2013 CSV


def csv_of(path, rows):
    path.write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")
    return path


def row(code, usage, seed, pixels=None):
    return f"{code},{' '.join(map(str, hostile.face(seed).ravel())) if pixels is None else pixels},{usage}"


def test_the_csv_its_classes_and_its_bad_rows(tmp_path):
    usages = ("Training", "Training", "PublicTest", "PrivateTest")
    rows = [row(code, usage, 7 * k + code) for k, usage in enumerate(usages) for code in range(7)]
    bad = [row(7, "Training", 0), row("x", "Training", 0), row(0, "Elsewhere", 0), row(0, "Training", 0, "1 2 3")]
    bad += [row(0, "Training", 0, " ".join(["300"] * 2304)), row(0, "Training", 0, "1 b " * 1152), "0", ""]
    data = load(csv_of(tmp_path / "fer2013.csv", rows[:5] + bad + rows[5:]))
    assert data.source.startswith("FER-2013 (CSV), 28 images") and not data.drawn
    assert [len(part) for part in data.parts.values()] == [14, 7, 7]
    assert data.skipped["files"].sum() == 7 and len(data.skipped) == 6, "an empty line is no row"
    assert (data.train.images[0] == hostile.face(0)).all()
    assert tuple(CLASSES[label] for label in data.train.labels[:7]) == CSV_ORDER
    text = (tmp_path / "fer2013.csv").read_text().replace("emotion,pixels,Usage", "emotion, pixels, Usage")
    with zipfile.ZipFile(tmp_path / "challenge.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("icml_face_data.csv", "\ufeff" + text)
    for source in (tmp_path, tmp_path / "challenge.zip"):
        assert (load(source).train.images == data.train.images).all()
    assert load(tmp_path / "fer2013.csv", size=24).train.images.shape == (14, 24, 24)


def test_a_csv_that_is_something_else(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    refused(tmp_path / "other.csv", tmp_path / "other.csv", "lacks the columns", "a, b")
    (tmp_path / "empty.csv").write_bytes(b"")
    refused(tmp_path / "empty.csv", "lacks the columns")
    (tmp_path / "head.csv").write_text("emotion,pixels,Usage\n")
    refused(tmp_path / "head.csv", "no row with a picture", "it has no rows")
    (tmp_path / "long.csv").write_text("emotion,pixels,Usage\n0," + "1" * 200_000)
    refused(tmp_path / "long.csv", "no row with a picture", "row cut short")
    (tmp_path / "quoted.csv").write_text('emotion,pixels,Usage\n0,"' + "1" * 200_000 + '"')
    refused(tmp_path / "quoted.csv", "cannot be read", "Download it again")


def test_votes_that_are_none(tmp_path):
    source = csv_of(
        tmp_path / "fer2013.csv", [row(code, "Training", 10 * k + code) for k in range(9) for code in range(7)]
    )
    refused(source, "absent.csv", "votes=", votes=tmp_path / "absent.csv")
    (tmp_path / "fer2013new.csv").write_text("Usage,Image name\nTraining,fer0000000.png\n")
    refused(source, "fer2013new.csv", "Download it again")


# Kaggle and finding


def test_a_handle_is_looked_for_everywhere(data_folder, tmp_path):
    handle = "somebody/faces-set"
    ways = (data_folder / "faces-set.zip", "kaggle.com/datasets/somebody/faces-set", "Add Input")
    refused(handle, handle, "cannot be reached", *ways)
    places = (  # each is preferred to those before it
        tmp_path / "cache" / "datasets" / "somebody" / "faces-set" / "versions" / "2",
        tmp_path / "cache" / "datasets" / "somebody" / "faces-set" / "versions" / "10",
        sources.KAGGLE / "datasets" / "somebody" / "faces-set", sources.KAGGLE / "faces-set", data_folder / "faces-set",
    )  # fmt: skip
    for place in places:
        hostile.class_folders(place, {"": dict.fromkeys(CLASSES, 10)})
        assert load(handle).path == place


def test_a_path_that_looks_like_a_handle_is_a_path(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused("data/fer2013", "does not exist")


def test_the_downloader_is_asked_when_kaggle_can_be_reached(data_folder, tmp_path, monkeypatch):
    kagglehub = types.ModuleType("kagglehub")
    kagglehub.dataset_download = lambda handle: str(
        hostile.class_folders(tmp_path / handle, {"": dict.fromkeys(CLASSES, 10)})
    )
    monkeypatch.setitem(sys.modules, "kagglehub", kagglehub)
    monkeypatch.setattr(sources, "reachable", lambda host: True)
    assert load("somebody/faces-set").path == tmp_path / "somebody" / "faces-set"

    def forbidden(handle):
        raise PermissionError("403: consent needed")

    kagglehub.dataset_download = forbidden
    refused("somebody/faces-set", "consent needed", "kaggle.json", "Download archive.zip")


def test_find_sees_real_sets_where_people_put_them(data_folder, tmp_path):
    assert find() is None
    kaggle = hostile.class_folders(sources.KAGGLE / "datasets" / "msambare" / "faces", hostile.whole(1))
    assert find() == kaggle
    hostile.class_folders(data_folder / "mine" / "images", hostile.whole(1))
    assert find() == data_folder / "mine"
    hostile.zipped(hostile.class_folders(tmp_path / "set", hostile.whole(1)), data_folder / "archive.zip")
    assert find() == data_folder / "archive.zip"
    csv_of(data_folder / "fer2013.csv", [row(0, "Training", 1)])
    assert find() == data_folder / "fer2013.csv", "the set that the reports name comes first"


def test_find_is_not_taken_in_by_what_only_looks_like_data(data_folder):
    hostile.class_folders(data_folder / "drawn_faces" / "60-0", hostile.whole(1))
    hostile.class_folders(data_folder / "cats", {"train": {"tabby": 1, "persian": 1}})
    (data_folder / "broken.zip").write_bytes(b"PK\x05")
    (data_folder / "table.csv").write_text("a,b\n")
    with zipfile.ZipFile(data_folder / "damaged.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage\n" + row(0, "Training", 1))
    raw = bytearray((data_folder / "damaged.zip").read_bytes())
    raw[50:90] = bytes(40)
    (data_folder / "damaged.zip").write_bytes(raw)
    assert find() is None
    refused(data_folder / "damaged.zip", "1 table that cannot be read")


def test_drawn_faces_are_drawn_once_and_never_taken_for_real(data_folder, monkeypatch):
    data = load("drawn", n=70, seed=5)
    assert data.drawn and data.source.startswith("drawn faces, world 5, 70 images") and len(data) == 70
    assert data.path == data_folder / "drawn_faces" / "70-5" and not len(data.skipped)
    assert data.train.votes.shape == (len(data.train), 7)
    assert (data.train.votes.argmax(axis=1) == data.train.labels).mean() > 0.8
    assert (data.train.truth["path"] == data.train.names).all() and "AU12" in data.train.truth
    monkeypatch.setattr(folders, "write", None)  # drawing a second time would fail
    assert (load("drawn", n=70, seed=5).train.images == data.train.images).all()
    packed = hostile.zipped(data.path, data_folder / "mine.zip")
    assert load(packed).drawn and find() is None, "a zip of drawn faces is drawn, too, wherever it is"
    hostile.class_folders(data_folder, hostile.whole(3))
    assert find() == data_folder
    mixed = load()
    assert len(mixed) == 63 and not mixed.drawn, "drawn faces beside real ones are not mixed in"
    assert skipped(mixed)["folder of drawn faces"] == 1


def test_drawn_faces_that_somebody_changed(data_folder):
    data = load("drawn", n=70, seed=5)
    (data.path / "train" / "sad" / "Training_99999.png").write_bytes(hostile.encoded(hostile.face(1)))
    refused("drawn", "not as the course has drawn it", "Delete this folder", n=70, seed=5)
    about = data.path / "about.json"
    about.write_text(about.read_text().replace(f'"drawing": {folders.DRAWING}', '"drawing": 0'))
    assert len(load("drawn", n=70, seed=5)) == 70, "faces of an older version of the drawing are drawn again"


def test_the_report_1_world_is_balanced(data_folder):
    data = load("drawn", "report1", per_class=10, seed=1)
    assert set(data.counts()["total"][:-1]) == {10} and data.train.truth is not None
