"""Timelines of clips, folders, videos and cameras: the right rows, the right times, files as asked; every source ends."""

import threading
import time
import types
from itertools import pairwise

import cv2
import numpy as np
import pandas as pd
import pytest

import drawn_faces
import faceapp
from faceapp import captures
from helpers import CLASSES

from .faceapp_world import brightness, filmed, moving, predictor, turned


def fake_capture(monkeypatch, read, fps=30.0, count=0.0, kind=captures.Video):
    """Makes every video open as a capture that reads by this function."""
    numbers = {cv2.CAP_PROP_FPS: fps, cv2.CAP_PROP_FRAME_COUNT: count}
    made = types.SimpleNamespace(read=read, get=lambda what: numbers.get(what, 0.0), release=lambda: None)
    monkeypatch.setattr(kind, "open", lambda self: made)


def test_a_drawn_clip_gives_a_row_a_frame_with_its_truth(tmp_path):
    clip = drawn_faces.clip([("happy", 0.6), ("sad", 0.6)], size=64, fps=10)
    table = faceapp.timeline(clip, predictor(), csv=tmp_path / "my own name.txt", half_life=0, progress=False)
    assert tuple(table.columns) == faceapp.COLUMNS and len(table) == 12
    assert list(table["frame"]) == list(range(12)) and np.allclose(table["time"], np.arange(12) / 10)
    assert list(table["truth"]) == ["happy"] * 6 + ["sad"] * 6 and table["intensity"].between(0, 1).all()
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1, atol=1e-4)
    assert list(table["label"]) == [CLASSES[i] for i in table[list(CLASSES)].to_numpy().argmax(1)]
    assert table.attrs == {"source": "drawn clip", "fps": 10.0, "frames": 12, "ended": "whole"}
    stored = pd.read_csv(tmp_path / "my own name.txt")
    assert list(stored.columns) == list(faceapp.COLUMNS) and np.allclose(stored["happy"], table["happy"], atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["my own name.txt"]


def test_frames_without_a_face_and_with_two_have_their_rows():
    def detector(image):
        return [[], [(0, 0, 20, 20)], [(0, 0, 20, 20), (30, 0, 40, 40)]][int(image[0, 0])]

    frames = [np.full((60, 80), k, np.uint8) for k in (0, 1, 2)]
    table = faceapp.timeline(frames, faceapp.Predictor(brightness, detector), every=1, fps=5, progress=False)
    assert list(table["frame"]) == [0, 1, 2, 2] and list(table["time"]) == [0, 0.2, 0.4, 0.4]
    assert table["x"].isna().tolist() == [True, False, False, False] and table["label"].isna().tolist()[0]
    assert list(table["person"].dropna()) == [0, 1, 0] and list(table["w"].dropna()) == [20, 40, 20]
    assert "truth" not in table and str(table["x"].dtype) == "Int64"
    biggest = faceapp.main_face(table)
    assert list(biggest["frame"]) == [0, 1, 2] and list(biggest["w"].dropna()) == [20, 40]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "clip.webm"])
def test_an_annotated_video_has_the_sources_size_and_rate(tmp_path, name):
    source = filmed(tmp_path / "source.mp4", moving(15, 176, 98), fps=12.5)
    table = faceapp.timeline(source, predictor(), video=tmp_path / name, progress=False)
    assert len(table) == 15 and table.attrs["fps"] == 12.5 and table.attrs["ended"] == "whole"
    assert np.allclose(table["time"], np.arange(15) / 12.5, atol=0.002)
    written = faceapp.open_source(tmp_path / name)
    frames = [frame for _, frame in written]
    assert written.fps == 12.5 and len(frames) == 15 and frames[0].shape == (98, 176, 3)
    red, blue = frames[7][5, 20], frames[7][5, 150]
    assert red[0] > 150 > red[2] and blue[2] > 150 > blue[0], "RGB, not BGR"
    assert not np.array_equal(frames[7][40:60, 30:140], moving(15, 176, 98)[7][40:60, 30:140]), "a box is drawn in it"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"source.mp4", name})


@pytest.mark.parametrize("name, size", [("odd.avi", (99, 161)), ("odd.mp4", (100, 162))])
def test_odd_sizes_are_kept_or_filled_up_never_cut(tmp_path, name, size):
    path = filmed(tmp_path / name, moving(5, 161, 99), fps=7.5)
    source = faceapp.open_source(path)
    capture = cv2.VideoCapture(str(path), cv2.CAP_OPENCV_MJPEG) if name.endswith("avi") else cv2.VideoCapture(str(path))
    there, frame = capture.read()
    assert there and frame.shape[:2] == size
    assert source.fps == 7.5 and len(list(source)) == 5


@pytest.mark.parametrize("degrees, top", [(90, "left"), (180, "bottom"), (270, "right")])
def test_a_video_filmed_upright_is_read_upright(tmp_path, degrees, top):
    path = turned(filmed(tmp_path / "phone.mp4", moving(4, 160, 96)), degrees)
    frames = [frame for _, frame in faceapp.open_source(path)]
    assert len(frames) == 4
    assert frames[0].shape == ((96, 160, 3) if degrees == 180 else (160, 96, 3))
    edge = frames[0][5, 48] if degrees != 180 else frames[0][48, 5]
    assert (edge[0] > edge[2]) == (top == "left"), "red was on the left"


def test_a_folder_of_frames_is_read_in_the_order_of_its_numbers(tmp_path):
    for k in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame{k}.png"), np.full((40, 40 + k), 20 * k, np.uint8))
    (tmp_path / "notes.txt").write_text("passed over")
    source = faceapp.open_source(tmp_path, fps=4)
    frames = list(source)
    assert [round(t, 2) for t, _ in frames] == [0, 0.25, 0.5] and [f.shape[1] for _, f in frames] == [41, 42, 50]
    table = faceapp.timeline(tmp_path, predictor(), fps=4, video=tmp_path / "out.avi", progress=False)
    assert len(table) == 3 and table.attrs["fps"] == 4
    assert [f.shape[:2] for _, f in faceapp.open_source(tmp_path / "out.avi")][2] in ((40, 40), (40, 41))


def test_segments_are_scored_against_the_truth():
    frames = np.concatenate([np.full((10, 40, 40), 250, np.uint8), np.full((10, 40, 40), 5, np.uint8)])
    table = faceapp.timeline(frames, predictor(), fps=10, half_life=0, progress=False)
    with pytest.raises(ValueError, match="has no truth"):
        faceapp.segments(table)
    known = faceapp.with_truth(table, [("happy", 0.5), ("sad", 1.0)])
    assert list(known["truth"].fillna("-")) == ["happy"] * 5 + ["sad"] * 10 + ["-"] * 5
    found = faceapp.segments(known)
    assert list(found["truth"]) == ["happy", "sad"] and list(found["frames"]) == [5, 10]
    assert list(found["accuracy"]) == [1.0, 0.5] and list(found["found"]) == [1, 1]
    assert found["start"].tolist() == [0, 0.5] and found["end"].tolist() == pytest.approx([0.4, 1.4])
    blind = faceapp.timeline(frames[:4], faceapp.Predictor(brightness, lambda image: []), fps=10, progress=False)
    missed = faceapp.segments(faceapp.with_truth(blind, [("happy", 1)]))
    assert missed["accuracy"].tolist() == [0] and missed["found"].tolist() == [0] and missed["label"].tolist() == [None]
    clip = drawn_faces.clip([("happy", 1.0)], size=48, fps=8)
    strong = faceapp.segments(faceapp.timeline(clip, predictor(), progress=False), strong=0.9)
    assert strong["frames"].item() < 8
    with pytest.raises(ValueError, match="is no scene"):
        faceapp.with_truth(table, [("joy", 1)])


def test_limits_stop_where_asked(tmp_path):
    frames = moving(20)
    assert len(faceapp.timeline(frames, predictor(), frames=6, fps=10, progress=False)) == 6
    table = faceapp.timeline(frames, predictor(), seconds=0.5, fps=10, csv=tmp_path / "t.csv", progress=False)
    assert len(table) == 5 == len(pd.read_csv(tmp_path / "t.csv")) and "as asked" in table.attrs["ended"]


def test_stop_by_hand_keeps_what_was_read(tmp_path, capsys):
    calls = []

    def interrupted(batch):
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return brightness(batch)

    table = faceapp.timeline(
        moving(20),
        predictor(model=interrupted),
        csv=tmp_path / "t.csv",
        video=tmp_path / "v.mp4",
        fps=9,
        progress=False,
    )
    assert len(table) == 7 == len(pd.read_csv(tmp_path / "t.csv")) == len(list(faceapp.open_source(tmp_path / "v.mp4")))
    assert table.attrs["ended"] == "stopped by hand after 7 frames" and "stopped by hand" in capsys.readouterr().out


def test_a_reader_that_hangs_is_left_behind(monkeypatch, tmp_path):
    (tmp_path / "v.mp4").write_bytes(b"x")
    never, count = threading.Event(), iter(range(100))
    fake_capture(monkeypatch, lambda: (True, np.zeros((40, 40, 3), np.uint8)) if next(count) < 3 else never.wait(60))
    begun = time.monotonic()
    table = faceapp.timeline(tmp_path / "v.mp4", predictor(), patience=0.5, progress=False)
    never.set()
    assert len(table) == 3 and table.attrs["ended"] == "v.mp4 gave no frame for 0.5 s" and time.monotonic() - begun < 10


def test_a_video_that_does_not_end_is_ended(monkeypatch, tmp_path):
    (tmp_path / "v.mp4").write_bytes(b"x")
    monkeypatch.setattr(captures, "LONGEST_VIDEO", 40)
    fake_capture(monkeypatch, lambda: (True, np.zeros((20, 20, 3), np.uint8)))
    table = faceapp.timeline(tmp_path / "v.mp4", predictor(), progress=False)
    assert len(table) == 40 and table.attrs["ended"] == "v.mp4 does not end: stopped after 40 frames"
    monkeypatch.setattr(captures, "LONGEST_VIDEO", 5_000)
    fake_capture(monkeypatch, lambda: (True, np.zeros((8, 8, 3), np.uint8)), count=2.0)
    assert sum(1 for _ in faceapp.open_source(tmp_path / "v.mp4")) == 1_020, "ten times what it says, and a thousand"


def test_a_reader_that_breaks_ends_the_table(monkeypatch, tmp_path):
    (tmp_path / "v.mp4").write_bytes(b"x")
    answers = iter([(True, np.zeros((20, 20, 3), np.uint8))] * 2)
    fake_capture(monkeypatch, lambda: next(answers, None) or (_ for _ in ()).throw(cv2.error("no memory left")))
    table = faceapp.timeline(tmp_path / "v.mp4", predictor(), progress=False)
    assert len(table) == 2 and "broke its reader (no memory left)" in table.attrs["ended"]


def test_a_camera_stops_by_itself_and_a_missing_one_is_told(monkeypatch):
    def frame():
        time.sleep(0.01)
        return True, np.zeros((20, 20, 3), np.uint8)

    fake_capture(monkeypatch, frame, kind=captures.Machine)
    monkeypatch.setattr("faceapp.timelines.CAMERA_SECONDS", 0.3)
    table = faceapp.timeline(0, predictor(), progress=False)
    assert 5 < len(table) < 40 and table["time"].is_monotonic_increasing and table["time"].max() <= 0.3
    monkeypatch.undo()
    with pytest.raises(faceapp.SourceError, match=r"no camera 77.*live\.Camera"):
        faceapp.open_source(77)


def test_a_camera_shows_its_newest_frame(monkeypatch):
    shown = iter(range(10**6))

    def frame():
        time.sleep(0.005)
        return True, np.full((20, 20, 3), next(shown) % 250, np.uint8)

    fake_capture(monkeypatch, frame, kind=captures.Machine)
    numbers = []
    for moment, image in faceapp.open_source(0):
        numbers.append((moment, int(image[0, 0, 0])))
        time.sleep(0.1)
        if len(numbers) == 5:
            break
    assert all(b - a > 3 for (_, a), (_, b) in pairwise(numbers)), "what came while nobody looked is passed over"


def test_a_film_at_a_changing_rate_keeps_its_length(tmp_path):
    writer = faceapp.Writer(tmp_path / "out.mp4", fps=10)
    for k, moment in enumerate((0, 0.1, 0.5, 0.6, 1e9, 1e9 + 0.1)):
        writer.write(moving(6)[k], moment)
    writer.close()
    assert len(list(faceapp.open_source(tmp_path / "out.mp4"))) == 7 + 100 + 1 + 1, (
        "and a damaged clock does not fill the disk"
    )


def test_threads_and_memory_do_not_grow(tmp_path):
    path = filmed(tmp_path / "v.mp4", moving(40))
    before = threading.active_count()
    for _ in range(6):
        source = faceapp.open_source(path)
        next(iter(source))
        source.close()
    source = faceapp.open_source(path)
    assert len(list(source)) == 40 == len(list(source)), "a second time from the beginning"
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_rows_come_one_by_one():
    asked = []

    def frames():
        for k in range(10**9):
            asked.append(k)
            yield np.zeros((20, 20), np.uint8)

    stream = faceapp.rows(frames(), predictor())
    first = [next(stream) for _ in range(3)]
    assert [row["frame"] for row in first] == [0, 1, 2] and len(asked) == 3 and set(first[0]) == set(faceapp.COLUMNS)


@pytest.mark.parametrize("wrong", ["nowhere.mp4", None, 3.5, "simulated.mp4"])
def test_what_is_no_source_is_told(wrong):
    with pytest.raises(faceapp.SourceError, match=r"no file|is no source"):
        faceapp.timeline(wrong, predictor())


def test_a_video_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(faceapp.SourceError, match=r"ends in \.mp4"):
        faceapp.timeline(moving(2), predictor(), video=tmp_path / "out.gif", progress=False)
    with pytest.raises(faceapp.SourceError, match="no folder"):
        faceapp.timeline(moving(2), predictor(), video=tmp_path / "none" / "out.mp4", progress=False)


def test_the_figure_draws_the_confidences_above_the_truth(monkeypatch):
    import matplotlib.pyplot as plt

    from helpers.plots import timelines

    plt.close("all")  # what another test has left open
    seen = []
    monkeypatch.setattr(plt, "show", lambda: seen.append([axis.get_ylabel() for axis in plt.gcf().axes]))
    table = faceapp.timeline(
        drawn_faces.clip([("happy", 0.5), ("sad", 0.5)], size=48, fps=8), predictor(), progress=False
    )
    timelines.timeline(faceapp.main_face(table), "A clip")
    timelines.timeline(faceapp.main_face(table.drop(columns=["truth"])), "A clip without its truth")
    assert seen == [["probability", "true"], ["probability"]] and not plt.get_fignums()
