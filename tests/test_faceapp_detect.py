"""Faces are found where they were drawn, by whatever detector this machine has; its choice is named and explained."""

import threading
import types

import cv2
import numpy as np
import pytest
from PIL import Image

import drawn_faces
import faceapp
from faceapp import detectors
from faceapp.boxes import match_boxes
from helpers.files import CourseError
from helpers.pretrained import download

HAS_HAAR = hasattr(cv2, "CascadeClassifier")


@pytest.fixture(autouse=True)
def no_files(monkeypatch, tmp_path):
    """No file of a detector was downloaded, and none can be fetched."""
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setattr(download, "fetch", lambda file: pytest.fail("a test went online"))


@pytest.fixture(scope="module")
def scenes():
    return [drawn_faces.scene(1 + seed % 3, seed=seed, yaw=0, pitch=0, roll=0, light_level=0.9) for seed in range(6)]


@pytest.mark.parametrize(
    "name, recall",
    [pytest.param("haar", 0.85, marks=pytest.mark.skipif(not HAS_HAAR, reason="OpenCV 5")), ("lbp", 0.6)],
)
def test_cascades_find_drawn_faces(scenes, name, recall):
    row = faceapp.detection_table(scenes, {name: faceapp.detector(name)}).loc[name]
    assert row["recall"] >= recall and row["false_alarms"] <= 1 and row["overlap"] > 0.5


def test_the_table_of_detectors_counts_hits_and_false_alarms(scenes):
    empty = drawn_faces.scene(0, seed=9)
    right = {id(scene.image): scene.boxes for scene in scenes}
    finders = {
        "knows": lambda image: [faceapp.Box(*box) for box in right.get(id(image), [])],
        "sees faces everywhere": lambda image: [faceapp.Box(0, 0, 5, 5)],
    }
    table = faceapp.detection_table([*scenes, empty], finders)
    assert table["recall"].tolist() == [1, 0] and table["faces"].tolist() == [sum(map(len, scenes))] * 2
    assert table["false_alarms"].tolist() == [0, 7] and table["overlap"].iloc[0] == 1 and (table["ms"] >= 0).all()


def test_boxes_are_whole_numbers_within_the_picture_the_largest_first(scenes):
    find = faceapp.detector()
    for image in (scenes[2].image, np.dstack([scenes[2].image] * 3)):
        boxes = find(image)
        assert boxes and [box.area for box in boxes] == sorted((box.area for box in boxes), reverse=True)
        for box in boxes:
            x, y, w, h = box
            assert all(type(v) is int for v in box) and x >= 0 and y >= 0 and x + w <= 640 and y + h <= 480
            assert 0 < box.score <= 1 and box.person is None


def test_a_picture_may_be_a_file_bytes_or_an_array_of_any_size(scenes, tmp_path):
    scene, find = scenes[0], faceapp.detector()
    Image.fromarray(scene.image).save(tmp_path / "scene.png")
    plain = find(scene.image)
    assert find(tmp_path / "scene.png") == find((tmp_path / "scene.png").read_bytes()) == plain
    assert find(Image.fromarray(scene.image)) == find(np.dstack([scene.image] * 4)) == plain
    large = find(cv2.resize(scene.image, None, fx=3, fy=3))
    assert len(large) == len(plain) and np.allclose(np.array(large) / 3, np.array(plain), atol=14)
    assert find(np.zeros((1, 1), np.uint8)) == find(np.full((7, 900, 3), 255, np.uint8)) == []
    for wrong in (np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8)):
        with pytest.raises(CourseError, match="uint8"):
            find(wrong)


@pytest.fixture
def no_packages(monkeypatch):
    """No package brings a detector's file along, as on Kaggle without Internet."""
    monkeypatch.setattr(download, "packaged", lambda package, name: None)


def test_yunet_comes_with_its_package_and_finds_turned_and_tilted_faces():
    found = faceapp.detector()
    assert found.name == "yunet" and faceapp.available_detectors()["yunet"] == ""
    hits = 0
    for seed in range(6):
        one = drawn_faces.scene(1, seed=seed, roll=25, sizes=(120, 160), light_level=0.8, occluder="none")
        hits += any(faceapp.overlap(box, one.boxes[0]) > 0.35 for box in found(one.image))
    assert hits >= 5
    assert found(drawn_faces.scene(0, seed=1).image) == []


def test_the_automatic_choice_is_named_once_with_its_reasons(capsys, scenes, no_packages):
    made = faceapp.Predictor(detector=None)
    made.detect(scenes[0].image)
    made.detect(scenes[1].image)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and printed.startswith("faces     haar" if HAS_HAAR else "faces     lbp")
    assert "not yunet: Its file is not here" in printed
    found = faceapp.available_detectors()
    assert list(found) == list(faceapp.DETECTORS) and found["lbp"] == "" and found["yunet"]


def test_without_cascades_in_opencv_the_choice_is_another(monkeypatch, no_packages):
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    found = faceapp.detector()
    assert found.name == "lbp" and "haar: OpenCV" in found.reason
    with pytest.raises(CourseError, match=r"no Haar cascades.*detector\(\"lbp\"\)"):
        faceapp.detector("haar")
    assert "no Haar" in faceapp.available_detectors()["haar"]


def test_detectors_that_cannot_be_had_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "mtcnn", None)
    with pytest.raises(CourseError, match="pip install mtcnn"):
        faceapp.detector("mtcnn")
    with pytest.raises(CourseError, match=r"no detector named 'hog'.*yunet"):
        faceapp.detector("hog")
    wrong = tmp_path / "face_detection_yunet_2023mar.onnx"
    wrong.write_text("no network at all")
    monkeypatch.setattr(download.PublishedFile, "path", wrong)
    monkeypatch.setattr(download, "fetch", lambda file: file.path)
    for name in ("yunet", "ssd"):
        with pytest.raises(CourseError, match=rf"cannot read.*{wrong.name}"):
            faceapp.detector(name)


def test_yunet_is_taken_when_its_file_is_here_and_its_answers_become_boxes(monkeypatch):
    """A stand-in for OpenCV's class: its rows are x, y, w, h, five landmarks, score."""

    class Net:
        def setInputSize(self, size):
            self.size = size

        def detect(self, image):
            assert image.shape == (*self.size[::-1], 3) and image.dtype == np.uint8
            rows = np.zeros((3, 15), np.float32)
            rows[0, :4], rows[0, 14] = (-5, 10, 40, 50), 0.9
            rows[1, :4], rows[1, 14] = (100, 50, 60, 70), 0.8
            rows[2, :4] = np.nan
            return 1, rows

    monkeypatch.setattr(cv2, "FaceDetectorYN", types.SimpleNamespace(create=lambda *a: Net()), raising=False)
    monkeypatch.setattr(download, "local", lambda file: file.path if file.name == "yunet" else None)
    found = faceapp.detector()
    assert found.name == "yunet"
    boxes = found(np.zeros((480, 1280), np.uint8))  # it sees half the size
    assert boxes == [(200, 100, 120, 140), (0, 20, 70, 100)] and [round(box.score, 2) for box in boxes] == [0.8, 0.9]


def test_every_file_of_a_detector_is_published():
    assert {file for kind in faceapp.DETECTORS.values() for file in kind.files} == {"yunet", "ssd", "ssd_network"}
    assert {"yunet", "ssd", "ssd_network"} <= set(download.PUBLISHED)


def test_of_boxes_that_overlap_the_best_is_kept():
    boxes = [faceapp.Box(0, 0, 10, 10, 0.5), faceapp.Box(1, 1, 10, 10, 0.9), faceapp.Box(40, 0, 20, 20, 0.4)]
    assert detectors.best_boxes(boxes) == [(40, 0, 20, 20), (1, 1, 10, 10)]


def test_a_box_survives_pickling_and_overlaps_are_shares():
    import pickle

    again = pickle.loads(pickle.dumps(faceapp.Box(1.0, 2, 3, 4, 0.5, person=7)))
    assert again == (1, 2, 3, 4) and (again.score, again.person) == (0.5, 7)
    assert faceapp.overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1 and faceapp.overlap((0, 0, 10, 10), (20, 0, 5, 5)) == 0
    assert faceapp.overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    pairs = match_boxes([(0, 0, 10, 10), (50, 0, 10, 10)], [(51, 0, 10, 10), (1, 0, 10, 10)])
    assert sorted(pairs) == [(0, 1), (1, 0)]


def test_one_detector_serves_several_threads(scenes):
    found, image = faceapp.detector(), scenes[2].image
    expected, results = found(image), []
    threads = [threading.Thread(target=lambda: results.append(found(image))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4
