"""Faces are found where they were drawn, by whatever detector this machine has; its choice is named and explained."""

import threading
import types

import cv2
import keras
import numpy as np
import pytest
from PIL import Image

import drawn_faces
import faceapp
from faceapp import detectors as room

from .pretrained_world import own_folders

HAS_HAAR = hasattr(cv2, "CascadeClassifier")


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(room, "CHOSEN", {})
    monkeypatch.setattr(keras.utils, "get_file", lambda *a, **k: pytest.fail("a test went online"))


@pytest.fixture(scope="module")
def scenes():
    return [drawn_faces.scene(1 + seed % 3, seed=seed, yaw=0, pitch=0, roll=0, light_level=0.9) for seed in range(6)]


def recall(detector, scenes) -> tuple[float, int]:
    """The share of faces found, and how many boxes had no face in them."""
    hits = total = false = 0
    for scene in scenes:
        boxes = detector(scene.image)
        pairs = faceapp.paired(scene.boxes, boxes, least=0.35)
        hits, total, false = hits + len(pairs), total + len(scene), false + len(boxes) - len(pairs)
    return hits / total, false


@pytest.mark.skipif(not HAS_HAAR, reason="this OpenCV has no Haar cascades")
def test_haar_finds_drawn_faces(scenes):
    found, false = recall(faceapp.detector("haar"), scenes)
    assert found >= 0.85 and false <= 1


def test_lbp_finds_drawn_faces(scenes):
    found, false = recall(faceapp.detector("lbp"), scenes)
    assert found >= 0.6 and false <= 2


def test_the_table_of_detectors_counts_hits_and_false_alarms(scenes):
    empty = drawn_faces.scene(0, seed=9)
    right = {id(scene.image): scene.boxes for scene in scenes}
    names = {
        "knows": lambda image: [faceapp.Box(*box) for box in right.get(id(image), [])],
        "sees faces everywhere": lambda image: [faceapp.Box(0, 0, 5, 5)],
    }
    table = faceapp.detection_table([*scenes, empty], names)
    faces = sum(map(len, scenes))
    assert table["recall"].tolist() == [1, 0] and table["faces"].tolist() == [faces] * 2
    assert table["false_alarms"].tolist() == [0, 7] and table["a_picture"].tolist() == [0, 1]
    assert table["overlap"].iloc[0] == 1 and (table["ms"] >= 0).all()


def test_boxes_are_whole_numbers_within_the_picture_the_largest_first(scenes):
    for image in (scenes[2].image, np.dstack([scenes[2].image] * 3)):
        boxes = faceapp.detect(image)
        assert boxes and [box.area for box in boxes] == sorted((box.area for box in boxes), reverse=True)
        for box in boxes:
            x, y, w, h = box
            assert all(type(v) is int for v in box) and x >= 0 and y >= 0 and x + w <= 640 and y + h <= 480
            assert 0 < box.score <= 1 and box.person is None


def test_a_picture_may_be_a_file_bytes_or_an_array_of_any_size(scenes, tmp_path):
    scene = scenes[0]
    Image.fromarray(scene.image).save(tmp_path / "scene.png")
    plain = faceapp.detect(scene.image)
    assert faceapp.detect(tmp_path / "scene.png") == faceapp.detect((tmp_path / "scene.png").read_bytes()) == plain
    assert faceapp.detect(Image.fromarray(scene.image)) == faceapp.detect(np.dstack([scene.image] * 4)) == plain
    large = faceapp.detect(cv2.resize(scene.image, None, fx=3, fy=3))
    assert len(large) == len(plain) and np.allclose(np.array(large) / 3, np.array(plain), atol=14)
    assert faceapp.detect(np.zeros((1, 1), np.uint8)) == faceapp.detect(np.full((7, 900, 3), 255, np.uint8)) == []
    for wrong in (np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8)):
        with pytest.raises(ValueError, match="expected a grey or RGB picture"):
            faceapp.detect(wrong)


def test_the_automatic_choice_is_named_with_the_reasons(capsys, scenes):
    faceapp.detect(scenes[0].image)
    faceapp.detect(scenes[1].image)
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and told.startswith("faces     haar" if HAS_HAAR else "faces     lbp")
    assert "not yunet: Its file is not here" in told
    found = faceapp.available()
    assert list(found) == list(faceapp.KINDS) and found["lbp"] == "" and found["yunet"]


def test_without_cascades_in_opencv_the_choice_is_another(monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    found = faceapp.detector()
    assert found.name == "lbp" and "haar: OpenCV" in found.why and "has no Haar cascades" in found.why
    with pytest.raises(faceapp.DetectorError, match=r'Take live\.detector\("lbp"\)'):
        faceapp.detector("haar")
    assert "no Haar" in faceapp.available()["haar"]


def test_detectors_that_cannot_be_had_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(room.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(faceapp.DetectorError, match="pip install mtcnn"):
        faceapp.detector("mtcnn")
    monkeypatch.setattr("keras.utils.get_file", lambda *a, **k: (_ for _ in ()).throw(TimeoutError("no network")))
    with pytest.raises(faceapp.DetectorError, match="Two ways out: go online"):
        faceapp.detector("yunet")
    with pytest.raises(faceapp.DetectorError, match=r"needs deploy\.prototxt and res10"):
        faceapp.detector("ssd", files=tmp_path / "one")
    with pytest.raises(faceapp.DetectorError, match="There is no file"):
        faceapp.detector("yunet", files=tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_text("no network at all")
    with pytest.raises(faceapp.DetectorError, match="cannot read"):
        faceapp.detector("yunet", files=tmp_path / "bad.onnx")
    with pytest.raises(ValueError, match=r"no detector named 'hog'.*yunet"):
        faceapp.detector("hog")
    with pytest.raises(ValueError, match="needs no files"):
        faceapp.detector("lbp", files="x")
    with pytest.raises(ValueError, match="must be a name"):
        faceapp.detect(np.zeros((9, 9), np.uint8), 7)


def test_yunet_is_taken_when_its_file_is_here_and_its_answers_become_boxes(monkeypatch, tmp_path):
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
    monkeypatch.setattr(room, "at_hand", lambda name: [__file__] if name == "yunet" else pytest.fail(name))
    found = faceapp.detector()
    assert found.name == "yunet" and found.why == "the best that the course knows"
    boxes = found(np.zeros((480, 1280), np.uint8))  # looked at in half its size
    assert boxes == [(200, 100, 120, 140), (0, 20, 70, 100)] and [round(box.score, 2) for box in boxes] == [0.8, 0.9]


def test_a_box_survives_pickling_and_overlaps_are_shares():
    import pickle

    box = faceapp.Box(1.0, 2, 3, 4, 0.5, person=7)
    again = pickle.loads(pickle.dumps(box))
    assert again == (1, 2, 3, 4) and (again.score, again.person) == (0.5, 7)
    assert faceapp.overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1 and faceapp.overlap((0, 0, 10, 10), (20, 0, 5, 5)) == 0
    assert faceapp.overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    pairs = faceapp.paired([(0, 0, 10, 10), (50, 0, 10, 10)], [(51, 0, 10, 10), (1, 0, 10, 10)])
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
