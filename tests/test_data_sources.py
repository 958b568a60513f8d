"""Any source is found, listed and loaded, or refused with a sentence that names the path and the mend."""

import os
import stat
import sys
import types
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import CLASSES, environment
from helpers.data import DataError, find, layouts, load, sources
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
    monkeypatch.setattr(sources, "_reachable", lambda host: False)
    return environment.folder("data")


def refused(source, *words, **options):
    """The sentence with which `load` refuses a source; it holds these words and ends like a sentence."""
    with pytest.raises(DataError) as caught:
        load(source, **options)
    sentence = str(caught.value)
    for word in (*words, "."):
        assert str(word) in sentence, sentence
    return sentence


# Spelling


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Angry", "angry"), ("ANGER", "angry"), ("0_angry", "angry"), ("angry faces", "angry"), ("Disgusted", "disgust"),
        ("fearful", "fear"), ("Happiness", "happy"), ("joy", "happy"), ("sadness", "sad"), ("Surprised", "surprise"),
        ("suprise", "surprise"), ("neutral_", "neutral"), ("contempt", None), ("faces", None), ("3", None), ("happy_sad", None),
        ("sadly", None), ("", None), ("an archive", None), ("AN", "angry"), ("01_SU", "surprise"), ("mad", "angry"),
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
@given(folder=st.text(max_size=20))
def test_any_folder_name_is_a_class_or_not(folder):
    assert layouts.class_of(folder) in (*CLASSES, None)
    assert layouts.split_of(folder) in ("train", "validation", "test", None)
    usage, row = layouts.usage_of(folder + ".jpg")
    assert usage in ("", "Training", "PublicTest", "PrivateTest") and row >= -1


def test_number_folders_follow_the_2013_order_and_say_so(tmp_path):
    source = hostile.class_folders(
        tmp_path, {"train": {str(i): 4 for i in range(7)}, "test": {str(i): 3 for i in range(7)}}
    )
    data = load(source)
    assert "2013 order" in data.source
    at = list(data.test.names).index(next(name for name in data.test.names if name.startswith("test/4/")))
    assert data.classes[data.test.labels[at]] == "sad", "4 is sad in the 2013 order, neutral in ours"


def test_numbers_that_are_not_the_2013_order_are_refused(tmp_path):
    raf = hostile.class_folders(tmp_path / "raf", {"train": {str(i): 3 for i in range(1, 8)}})
    refused(raf, raf, "2013 order", "spelled=")
    meaning = dict(zip("1234567", ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), strict=True))
    assert load(raf, spelled=meaning).counts().loc["angry", "total"] == 3


def test_an_unknown_class_is_named_with_the_ways_out(folder):
    hostile.class_folders(folder, {"train": {"contempt": 2}})
    refused(folder, folder / "train" / "contempt", "spelled=", "ignore=")
    assert len(load(folder, ignore=("contempt",))) == 84
    assert load(folder, ignore=("contempt",)).passed_over.to_dict("records") == [
        {"reason": "in an ignored folder", "files": 2}
    ]
    assert load(folder, spelled={"contempt": "disgust"}).counts().loc["disgust", "train"] == 6
    refused(folder, "one of", spelled={"contempt": "pride"})


# What lies around


def test_litter_and_bad_pictures_are_passed_over_and_counted(folder):
    litter = hostile.junk(folder)
    bad = hostile.bad_files()
    for name, (data, _) in bad.items():
        (folder / "train" / "happy" / name).write_bytes(data)
    odd = hostile.odd_files(hostile.face(77))
    for name, data in odd.items():
        (folder / "train" / "sad" / name).write_bytes(data)
    data = load(folder)
    reasons = dict(zip(data.passed_over["reason"], data.passed_over["files"], strict=True))
    expected = {reason: sum(r == reason for _, r in bad.values()) for _, reason in bad.values()}
    assert {reason: reasons[reason] for reason in expected} == expected
    assert reasons["system file"] == 6 and reasons["hidden file"] == 1 and reasons["not a picture file"] == 3
    assert reasons["system folder"] == 1 and sum(reasons.values()) == litter + len(bad)
    assert data.counts().loc["sad", "train"] == 4 + len(odd) and data.counts().loc["happy", "train"] == 4
    assert "passed over" in repr(data) and "system file" in repr(data)


def test_nothing_in_the_folder_is_touched(folder):
    hostile.junk(folder)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else 0) for path in folder.rglob("*")}
    for split in ("usual", "report1", "report2", "report3"):
        load(folder, split)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else 0) for path in folder.rglob("*")}
    assert before == after


def test_a_read_only_folder_and_a_zip_of_it_give_the_same(folder, tmp_path):
    archive = hostile.zipped(folder, tmp_path / "set.zip")
    for path in [*folder.rglob("*"), folder]:
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR)
    one, two = load(folder), load(archive)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    for name, part in one.parts.items():
        assert (part.images == two.parts[name].images).all() and (part.names == two.parts[name].names).all()


def test_links_that_go_round_in_circles_end(folder):
    os.symlink(folder, folder / "train" / "again")
    os.symlink(folder / "nowhere", folder / "broken.png")
    data = load(folder)
    assert len(data) == 84 and set(data.passed_over["reason"]) == {
        "link back into the same folder",
        "broken link or special file",
    }


# Refusals


def test_places_that_hold_nothing(tmp_path):
    refused(tmp_path / "absent", tmp_path / "absent", "does not exist")
    refused(tmp_path, tmp_path, "no pictures", "angry")
    (tmp_path / "notes.txt").write_text("x")
    refused(tmp_path, "1 not a picture file")
    refused(tmp_path / "notes.txt", "neither a folder, a zip nor a CSV")
    (tmp_path / "set.tar.gz").write_bytes(b"\x1f\x8b")
    refused(tmp_path / "set.tar.gz", "unpack it")


def test_missing_classes_and_two_classes_alone(tmp_path):
    two = hostile.class_folders(tmp_path / "two", {"train": {"happy": 20, "sad": 20}})
    sentence = refused(two, two, "angry, disgust, fear, neutral, surprise", "only=('happy', 'sad')")
    assert "add a folder" in sentence
    data = load(two, only=("sad", "happy"))
    assert data.classes == ("happy", "sad") and set(data.train.labels) == {0, 1} and len(data) == 40
    refused(two, "two or more", only=("happy",))
    refused(two, "two or more", only=("happy", "pride"))
    six = hostile.class_folders(tmp_path / "six", {"train": {name: 20 for name in CLASSES if name != "disgust"}})
    refused(six, six, "disgust")


def test_a_class_that_train_lacks(folder):
    for file in (folder / "train" / "fear").iterdir():
        file.unlink()
    refused(folder, folder, "fear", "to train on")


def test_an_empty_split(folder, tmp_path):
    for file in (folder / "test").rglob("*.png"):
        file.write_bytes(b"")
    refused(folder, folder / "test", "no usable pictures", "28 files were passed over", "fill it")
    few = hostile.class_folders(tmp_path / "few", {"": dict.fromkeys(CLASSES, 1)})
    refused(few, few, "too few pictures")


def test_unknown_splits_and_sizes(folder):
    with pytest.raises(ValueError, match="usual, report1"):
        load(folder, "report9")


# Zips


@pytest.mark.parametrize(
    "name", ["../evil.png", "train/../../evil.png", "/etc/evil.png", "C:\\evil.png", "..\\evil.png"]
)
def test_zips_that_climb_out(tmp_path, name):
    path = hostile.climbing(tmp_path / "climb.zip", name)
    refused(path, path, "climbs out", "download")


def test_bombs_and_broken_zips(tmp_path):
    path = hostile.bomb(tmp_path / "bomb.zip")
    refused(path, path, "zip bomb", "download")
    (tmp_path / "text.zip").write_text("no zip")
    refused(tmp_path / "text.zip", "not a complete zip", "download it again")
    whole = hostile.zipped(
        hostile.class_folders(tmp_path / "set", hostile.whole(2)), tmp_path / "whole.zip"
    ).read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "half.zip", tmp_path / "half.zip", "download it again")


def test_encrypted_entries_links_and_damage_in_a_zip_are_set_aside(folder, tmp_path):
    path = hostile.encrypted(tmp_path / "odd.zip", folder)
    data = load(path)
    assert dict(data.passed_over.itertuples(index=False)) == {"encrypted": 1, "link in the zip": 1}
    assert len(data) == 83
    raw = bytearray(hostile.zipped(folder, tmp_path / "damaged.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "damaged.zip") as archive:
        at = next(entry for entry in archive.infolist() if entry.filename.endswith(".png")).header_offset
    raw[at + 120 : at + 160] = bytes(40)
    (tmp_path / "damaged.zip").write_bytes(raw)
    data = load(tmp_path / "damaged.zip")
    assert len(data) == 83 and dict(data.passed_over.itertuples(index=False)) == {"cannot be read": 1}


def test_a_zip_made_on_a_mac(folder, tmp_path):
    for file in [*folder.rglob("*.png")]:
        shadow = folder / "__MACOSX" / file.relative_to(folder).parent / f"._{file.name}"
        shadow.parent.mkdir(parents=True, exist_ok=True)
        shadow.write_bytes(b"\0\5\x16\7")
    data = load(hostile.zipped(folder, tmp_path / "mac.zip"))
    assert len(data) == 84 and dict(data.passed_over.itertuples(index=False)) == {"system file": 84}


def test_a_whole_part_can_be_ignored(folder):
    data = load(folder, ignore="test")
    assert len(data) == 56 and "test cut out of train" in data.source


def test_a_folder_with_only_a_test_part(tmp_path):
    data = load(hostile.class_folders(tmp_path, {"test": dict.fromkeys(CLASSES, 10)}))
    assert "its test part taken as train" in data.source and [len(p) for p in data.parts.values()] == [56, 7, 7]


def test_a_folder_inside_the_zip_and_a_nested_zip(folder, tmp_path):
    hostile.zipped(folder, folder / "inner.zip")
    data = load(hostile.zipped(folder.parent, tmp_path.parent / f"{tmp_path.name}.zip"))
    assert len(data) == 84 and dict(data.passed_over.itertuples(index=False)) == {"an archive inside": 1}


# Layouts


def test_the_doubled_tree_counts_once(tmp_path):
    for base in ("images", "images/images"):
        hostile.class_folders(
            tmp_path / base, {"train": dict.fromkeys(CLASSES, 4), "validation": dict.fromkeys(CLASSES, 4)}
        )
    data = load(tmp_path)
    assert len(data) == 56 and dict(data.passed_over.itertuples(index=False)) == {"second copy under images/images": 56}
    assert all(name.startswith("images/train") for name in data.train.names)


def test_what_a_source_lacks_is_cut_out_of_train_and_said(tmp_path):
    flat = load(hostile.class_folders(tmp_path / "flat", {"": dict.fromkeys(CLASSES, 20)}), seed=3)
    assert [len(part) for part in flat.parts.values()] == [112, 14, 14] and "cut out of train" in flat.source
    again = load(tmp_path / "flat", seed=3)
    assert all((a.names == b.names).all() for a, b in zip(flat.parts.values(), again.parts.values(), strict=True))
    assert (load(tmp_path / "flat", seed=4).test.names != flat.test.names).any()
    part = {"train": dict.fromkeys(CLASSES, 20), "val": dict.fromkeys(CLASSES, 5)}
    two = load(hostile.class_folders(tmp_path / "two", part))
    assert [len(part) for part in two.parts.values()] == [126, 35, 14], "what the source ships stays whole"
    assert set(two.validation.counts().values()) == {5}
    shipped = load(tmp_path / "two", "shipped")
    assert [len(part) for part in shipped.parts.values()] == [140, 35, 0]


def test_pictures_of_other_sizes_are_stretched(tmp_path):
    hostile.class_folders(tmp_path, {"": dict.fromkeys(CLASSES, 10)})
    (tmp_path / "angry" / "large.png").write_bytes(hostile.encoded(hostile.face(500, 300)))
    data = load(tmp_path, size=64)
    assert data.train.images.shape[1:] == (64, 64) and len(data) == 71


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
    assert data.source.startswith("FER-2013 (CSV), 28 images") and len(data.train) == 14
    assert sum(data.passed_over["files"]) == 7, "an empty line is no row"
    assert (data.train.images[0] == hostile.face(0)).all()
    names = [data.classes[label] for label in data.train.labels[:7]]
    assert names == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"], "2013 order, our codes"
    packed = zipfile.ZipFile(tmp_path / "challenge.zip", "w", zipfile.ZIP_DEFLATED)
    text = (tmp_path / "fer2013.csv").read_text().replace("emotion,pixels,Usage", "emotion, pixels, Usage")
    packed.writestr("icml_face_data.csv", "\ufeff" + text)
    packed.close()
    for source in (tmp_path, tmp_path / "challenge.zip"):
        assert (load(source).train.images == data.train.images).all()


def test_a_csv_that_is_something_else(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    refused(tmp_path / "other.csv", tmp_path / "other.csv", "lacks the columns", "a, b")
    (tmp_path / "empty.csv").write_bytes(b"")
    refused(tmp_path / "empty.csv", "lacks the columns")
    (tmp_path / "head.csv").write_text("emotion,pixels,Usage\n")
    refused(tmp_path / "head.csv", "no pictures")


# Kaggle and finding


def test_a_handle_is_looked_for_everywhere(data_folder, tmp_path, monkeypatch):
    handle = "somebody/faces-set"
    sentence = refused(handle, handle, "cannot be reached", "kaggle.com/datasets/somebody/faces-set", "Add Input")
    assert str(data_folder / "faces-set.zip") in sentence
    places = (
        sources.KAGGLE / "faces-set", sources.KAGGLE / "datasets" / "somebody" / "faces-set",
        tmp_path / "cache" / "datasets" / "somebody" / "faces-set" / "versions" / "2", data_folder / "faces-set",
    )  # fmt: skip
    for place in places:
        hostile.class_folders(place, {"": dict.fromkeys(CLASSES, 10)})
        assert load(handle).path == place
        for file in sorted(place.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        place.rmdir()


def test_a_path_that_looks_like_a_handle_is_a_path(data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused("data/fer2013", "does not exist")


def test_the_downloader_is_asked_when_kaggle_can_be_reached(data_folder, tmp_path, monkeypatch):
    kagglehub = types.ModuleType("kagglehub")
    kagglehub.dataset_download = lambda handle: str(
        hostile.class_folders(tmp_path / "got", {"": dict.fromkeys(CLASSES, 10)})
    )
    monkeypatch.setitem(sys.modules, "kagglehub", kagglehub)
    monkeypatch.setattr(sources, "_reachable", lambda host: True)
    assert len(load("somebody/faces-set")) == 70

    def forbidden(handle):
        raise PermissionError("403: consent needed")

    kagglehub.dataset_download = forbidden
    refused("somebody/faces-set", "consent needed", "kaggle.json", "Download archive.zip")


def test_find_sees_real_sets_where_people_put_them(data_folder, tmp_path):
    assert find() is None
    (data_folder / "README.md").write_text("x")
    set_ = hostile.class_folders(tmp_path / "set", hostile.whole(1))
    hostile.zipped(set_, data_folder / "archive.zip")
    assert find() == data_folder / "archive.zip"
    csv_of(data_folder / "fer2013.csv", [row(0, "Training", 1)])
    assert find() == data_folder / "fer2013.csv", "the set that the reports name comes first"
    (data_folder / "fer2013.csv").unlink()
    (data_folder / "archive.zip").unlink()
    hostile.class_folders(sources.KAGGLE / "datasets" / "msambare" / "fer2013", hostile.whole(1))
    assert find() == sources.KAGGLE / "datasets" / "msambare" / "fer2013"


def test_an_archive_unpacked_into_the_data_folder_itself(data_folder):
    hostile.class_folders(data_folder, hostile.whole(3))
    hostile.class_folders(data_folder / "synthetic" / "60-0", hostile.whole(2))
    assert find() == data_folder
    assert len(load()) == 63, "drawn faces beside it are not mixed in"


def test_find_passes_over_what_only_looks_like_data(data_folder):
    hostile.class_folders(data_folder / "synthetic" / "60-0", hostile.whole(1))
    hostile.class_folders(data_folder / "cats", {"train": {"tabby": 1, "persian": 1}})
    (data_folder / "broken.zip").write_bytes(b"PK\x05")
    (data_folder / "table.csv").write_text("a,b\n")
    assert find() is None


def test_drawn_faces_are_drawn_once_and_known_as_drawn(data_folder, monkeypatch):
    data = load("drawn", n=70, seed=5)
    assert data.synthetic and not data.real and "world 5" in data.source and len(data) == 70
    assert find() is None and not len(data.passed_over)
    assert data.train.votes.shape == (len(data.train), 7) and len(data.train.truth) == len(data.train)
    assert (data.train.votes.argmax(axis=1) == data.train.labels).mean() > 0.8
    assert (data.train.truth["path"] == data.train.names).all()
    from drawn_faces import folders

    monkeypatch.setattr(folders, "write", None)  # drawing a second time would fail
    again = load("drawn", n=70, seed=5)
    assert (again.train.images == data.train.images).all()
    packed = hostile.zipped(data.path, data_folder / "mine.zip")
    assert load(packed).synthetic, "a zip of drawn faces is drawn too"
    folders_n = load(hostile.class_folders(data_folder / "real", hostile.whole(2)))
    assert folders_n.real and not folders_n.synthetic


def test_parts_by_index(folder):
    data = load(folder)
    some = data.train.take([3, 1])
    assert len(some) == 2 and some.names[0] == data.train.names[3] and (some.images[1] == data.train.images[1]).all()
    masked = data.train.take(data.train.labels == 3)
    assert masked.counts() == {name: 4 if name == "happy" else 0 for name in CLASSES}
    assert (
        "28 faces" in repr(data.train)
        and "<table" in data._repr_html_()
        and np.isin(masked.names, data.train.names).all()
    )
