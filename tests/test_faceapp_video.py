"""Timelines of clips, folders, videos and cameras: the right rows, the right times, files as asked; every source ends."""

import itertools
import time

import cv2
import numpy as np
import pandas as pd
import pytest

import drawn_faces
import faceapp
from helpers import CLASSES
from helpers.files import CourseError

from .faceapp_world import brightness, filmed, moving, predictor, turned


class FakeCapture:
    """An OpenCV capture that gives a frame at each of these times, in milliseconds."""

    def __init__(self, stamps=(), count=0.0, pause=0.0):
        self.stamps, self.pause, self.released = iter(stamps), pause, False
        self.numbers = {cv2.CAP_PROP_FRAME_COUNT: count, cv2.CAP_PROP_FPS: 10.0}
        self.numbers |= {cv2.CAP_PROP_FRAME_WIDTH: 40, cv2.CAP_PROP_FRAME_HEIGHT: 40}

    def read(self):
        time.sleep(self.pause)
        stamp = next(self.stamps, None)
        self.numbers[cv2.CAP_PROP_POS_MSEC] = stamp or 0.0
        return (False, None) if stamp is None else (True, np.zeros((40, 40, 3), np.uint8))

    def get(self, number):
        return self.numbers[number]

    def set(self, number, value):
        self.numbers[number] = value

    def isOpened(self):
        return not self.released

    def release(self):
        self.released = True


def test_a_drawn_clip_gives_a_row_a_frame_with_its_truth(tmp_path):
    clip = drawn_faces.clip([("happy", 0.6), ("sad", 0.6)], size=64, fps=10)
    table = faceapp.timeline(clip, predictor(), csv=tmp_path / "my own name.txt", half_life=0, progress=False)
    assert tuple(table.columns) == faceapp.COLUMNS and list(table["frame"]) == list(range(12))
    assert np.allclose(table["time"], np.arange(12) / 10)
    assert list(table["truth"]) == ["happy"] * 6 + ["sad"] * 6 and table["intensity"].between(0, 1).all()
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1, atol=1e-4)
    assert list(table["label"]) == [CLASSES[i] for i in table[list(CLASSES)].to_numpy().argmax(1)]
    assert table.attrs == {"source": "drawn clip", "fps": 10.0, "frames": 12, "ended": "whole"}
    stored = pd.read_csv(tmp_path / "my own name.txt")
    pd.testing.assert_frame_equal(stored, table, check_dtype=False)


def test_frames_without_a_face_and_with_two_have_their_rows():
    def detector(image):
        return [[], [(0, 0, 20, 20)], [(0, 0, 20, 20), (30, 0, 40, 40)]][int(image[0, 0])]

    frames = [np.full((60, 80), k, np.uint8) for k in (0, 1, 2)]
    table = faceapp.timeline(frames, faceapp.Predictor(brightness, detector), every=1, fps=5, progress=False)
    assert list(table["frame"]) == [0, 1, 2, 2] and list(table["time"]) == [0, 0.2, 0.4, 0.4]
    assert table["x"].isna().tolist() == [True, False, False, False] and pd.isna(table["label"][0])
    assert list(table["person"].dropna()) == [0, 1, 0] and list(table["w"].dropna()) == [20, 40, 20]
    assert "truth" not in table and str(table["x"].dtype) == "Int64"
    largest = faceapp.main_face(table)
    assert list(largest["frame"]) == [0, 1, 2] and list(largest["w"].dropna()) == [20, 40]


@pytest.mark.parametrize("name, size", [("clip.mp4", (176, 98)), ("clip.avi", (176, 98)), ("clip.webm", (161, 99))])
def test_an_annotated_video_has_the_sources_size_and_rate(tmp_path, name, size):
    frames = moving(15, *size)
    source = filmed(tmp_path / "source.mp4", frames, fps=12.5)
    table = faceapp.timeline(source, predictor(), video=tmp_path / name, every=1, progress=False)
    assert len(table) == 15 and table.attrs["fps"] == 12.5 and table.attrs["ended"] == "whole"
    assert np.allclose(table["time"], np.arange(15) / 12.5, atol=0.002)
    written = faceapp.open_source(tmp_path / name)
    found = [frame for _, frame in written]
    even = (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    assert written.fps == 12.5 and len(found) == 15 and found[0].shape == even
    red, blue = found[7][5, 20], found[7][5, 150]
    assert red[0] > 150 > red[2] and blue[2] > 150 > blue[0], "RGB, not BGR"
    row = found[7][55, :, 0].astype(int)
    assert np.ptp(row[34:50]) > 100 and np.ptp(row[60:70]) < 40, "a face's box stands in the middle half"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"source.mp4", name})
    assert len(list(written)) == 15, "a second time from the beginning"


@pytest.mark.parametrize("degrees, top", [(90, "left"), (180, "bottom"), (270, "right")])
def test_a_video_filmed_upright_is_read_upright(tmp_path, degrees, top):
    path = turned(filmed(tmp_path / "phone.mp4", moving(4, 160, 96)), degrees)
    frames = [frame for _, frame in faceapp.open_source(path)]
    assert len(frames) == 4 and frames[0].shape == ((96, 160, 3) if degrees == 180 else (160, 96, 3))
    edge = frames[0][5, 48] if degrees != 180 else frames[0][48, 5]
    assert (edge[0] > edge[2]) == (top == "left"), "red was on the left"


def test_a_folder_of_frames_is_read_in_the_order_of_its_numbers(tmp_path):
    for k in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame{k}.png"), np.full((40, 40 + k), 20 * k, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    frames = list(faceapp.open_source(tmp_path, fps=4))
    assert [round(t, 2) for t, _ in frames] == [0, 0.25, 0.5] and [f.shape[1] for _, f in frames] == [41, 42, 50]
    table = faceapp.timeline(tmp_path, predictor(), fps=4, video=tmp_path / "out.avi", progress=False)
    assert len(table) == 3 and table.attrs["fps"] == 4
    assert {frame.shape for _, frame in faceapp.open_source(tmp_path / "out.avi")} == {(40, 42, 3)}


@pytest.mark.parametrize(
    "stamps, times",
    [
        ((40, 140, 640, 740), (0, 0.1, 0.6, 0.7)),  # a phone's changing rate
        ((0, 0, 0, 0), (0, 0.1, 0.2, 0.3)),  # no times in the file
        ((100, 200, 50, 150), (0, 0.1, 0.2, 0.3)),  # a clock that goes back
    ],
)
def test_frames_keep_their_own_times(monkeypatch, tmp_path, stamps, times):
    (tmp_path / "v.mp4").write_bytes(b"x")
    monkeypatch.setattr(cv2, "VideoCapture", lambda *a: FakeCapture(stamps))
    assert [t for t, _ in faceapp.open_source(tmp_path / "v.mp4")] == pytest.approx(times)


def test_a_film_that_ends_early_is_reported(monkeypatch, tmp_path, capsys):
    (tmp_path / "v.mp4").write_bytes(b"x")
    monkeypatch.setattr(cv2, "VideoCapture", lambda *a: FakeCapture(range(0, 600, 100), count=20.0))
    table = faceapp.timeline(tmp_path / "v.mp4", predictor(), progress=False)
    assert len(table) == 6 and table.attrs["ended"].startswith("v.mp4 ends after 6 of 20 frames")
    assert "6 of 20" in capsys.readouterr().out


def test_a_written_film_keeps_the_length_of_its_source(tmp_path):
    """A gap is filled, a frame that comes early is left out, and a damaged clock does not fill the disk."""
    with faceapp.video_writer(tmp_path / "out.mp4", fps=10) as writer:
        for frame, moment in zip(moving(7), (0, 0.1, 0.5, 0.52, 0.6, 1e9, 1e9 + 0.1), strict=True):
            writer.write(frame, moment)
    light = [int(frame[60, 10, 1]) for _, frame in faceapp.open_source(tmp_path / "out.mp4")]
    assert len(light) == 9 and np.ptp(light[2:6]) < 12 and light[6] - light[5] > 60


def test_a_film_that_is_not_finished_is_not_there(tmp_path):
    def breaks(batch):
        raise RuntimeError("out of memory")

    for name in ("kept.mp4", "none.mp4"):
        if name == "kept.mp4":
            filmed(tmp_path / name, moving(3))
        with pytest.raises(RuntimeError, match="out of memory"):
            faceapp.timeline(moving(4), predictor(model=breaks), video=tmp_path / name, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.mp4"]
    assert len(list(faceapp.open_source(tmp_path / "kept.mp4"))) == 3


def test_limits_stop_where_asked(capsys):
    assert len(faceapp.timeline(moving(20), predictor(), frames=6, fps=10, progress=False)) == 6
    table = faceapp.timeline(moving(20), predictor(), seconds=0.5, fps=10, progress=False)
    assert len(table) == 5 and "as asked" in table.attrs["ended"] and capsys.readouterr().out == ""


def test_stop_by_hand_keeps_what_was_read(tmp_path, capsys):
    calls = itertools.count(1)

    def interrupted(batch):
        if next(calls) == 8:
            raise KeyboardInterrupt
        return brightness(batch)

    net, files = predictor(model=interrupted), {"csv": tmp_path / "t.csv", "video": tmp_path / "v.mp4"}
    table = faceapp.timeline(moving(20), net, **files, fps=9, progress=False)
    assert len(table) == 7 == len(pd.read_csv(tmp_path / "t.csv")) == len(list(faceapp.open_source(tmp_path / "v.mp4")))
    assert table.attrs["ended"] == "stopped by hand after 7 frames" and "stopped by hand" in capsys.readouterr().out


def test_a_camera_stops_by_itself_and_is_let_go(monkeypatch):
    capture = FakeCapture(itertools.count(), pause=0.01)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *a: capture)
    monkeypatch.setattr("faceapp.timelines.CAMERA_SECONDS", 0.3)
    table = faceapp.timeline(0, predictor(), progress=False)
    assert 3 < len(table) < 40 and table["time"].is_monotonic_increasing and table["time"].max() <= 0.3
    assert capture.released and capture.numbers[cv2.CAP_PROP_BUFFERSIZE] == 1, "the newest frame, not old ones"


def test_a_camera_that_gives_no_frame_or_is_missing_is_reported(monkeypatch):
    with pytest.raises(CourseError, match=r"no camera 77.*faceapp\.Camera"):
        faceapp.timeline(77, predictor(), progress=False)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *a: FakeCapture())
    with pytest.raises(CourseError, match="camera 0 gave no frame"):
        faceapp.timeline(0, predictor(), progress=False)


@pytest.mark.parametrize("wrong", ["nowhere.mp4", None, 3.5])
def test_what_is_no_source_is_refused(wrong):
    with pytest.raises(CourseError, match=r"no file|is no source"):
        faceapp.timeline(wrong, predictor(), progress=False)


def test_a_video_of_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"out\.gif.*\.mp4"):
        faceapp.timeline(moving(2), predictor(), video=tmp_path / "out.gif", progress=False)


def test_segments_are_scored_against_the_truth():
    frames = np.concatenate([np.full((10, 40, 40), 250, np.uint8), np.full((10, 40, 40), 5, np.uint8)])
    table = faceapp.timeline(frames, predictor(), fps=10, half_life=0, progress=False)
    with pytest.raises(CourseError, match="has no truth"):
        faceapp.segments(table)
    truth = ["happy"] * 5 + ["sad"] * 10 + [None] * 5
    found = faceapp.segments(table.assign(truth=truth, intensity=[0.2, *[1.0] * 19]), strong=0.5)
    assert list(found["truth"]) == ["happy", "sad"] and list(found["frames"]) == [4, 10]
    assert list(found["accuracy"]) == [1.0, 0.5] and list(found["found"]) == [1, 1]
    assert found["start"].tolist() == [0, 0.5] and found["end"].tolist() == pytest.approx([0.4, 1.4])
    blind = faceapp.timeline(frames[:4], faceapp.Predictor(brightness, lambda image: []), fps=10, progress=False)
    missed = faceapp.segments(blind.assign(truth="happy", intensity=1.0))
    assert missed["accuracy"].tolist() == [0] and missed["found"].tolist() == [0] and missed["label"].tolist() == [None]


def test_the_figure_shows_the_probabilities_above_the_truth(monkeypatch):
    import matplotlib.pyplot as plt

    from helpers import plots

    plt.close("all")  # what another test has left open
    seen = []
    monkeypatch.setattr(plt, "show", lambda: seen.append([axis.get_ylabel() for axis in plt.gcf().axes]))
    clip = drawn_faces.clip([("happy", 0.5), ("sad", 0.5)], size=48, fps=8)
    table = faceapp.main_face(faceapp.timeline(clip, predictor(), progress=False))
    plots.timeline(table, "A clip")
    plots.timeline(table.drop(columns=["truth"]), "A clip without its truth")
    assert seen == [["probability", "true"], ["probability"]]
