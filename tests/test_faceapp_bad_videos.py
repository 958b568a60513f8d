"""Bad videos: each ends in time and in bounded memory, with a table of what could be read, or with a sentence. SOAK=1 for fifty."""

import os
import resource
import shutil
import time

import cv2
import pandas as pd
import pytest

import faceapp
from helpers.files import CourseError

from .faceapp_world import BAD, bad_video, filmed, moving, predictor

CASES = [(BAD[i % len(BAD)], i) for i in range(50)]
FEW = [case for case in CASES if case in (("text", 1), ("truncated", 2), ("huge", 6), ("sizes", 12), ("damaged", 22))]
FRAMES = {"one frame": 1, "odd": 4, "wrong name": 30, "sizes": 5}


@pytest.mark.parametrize("kind, seed", CASES if os.environ.get("SOAK") else FEW)
def test_a_bad_video_ends_cleanly(tmp_path, kind, seed):
    path, out = bad_video(tmp_path, kind, seed), tmp_path / "out.csv"
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        table = faceapp.timeline(path, predictor(), csv=out, video=tmp_path / "out.avi", progress=False)
    except CourseError as problem:
        frames, ended = 0, str(problem)
    else:
        frames, ended = table.attrs["frames"], table.attrs["ended"]
        assert frames == len(table) == len(pd.read_csv(out))
        assert len(list(faceapp.open_source(tmp_path / "out.avi"))) == (6 if kind == "sizes" else frames)
    print(f"{kind} {seed}: {frames} frames; {ended}")
    assert time.monotonic() - begun < 30
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 700
    if kind in ("empty", "text", "noise", "playlist", "directory"):
        assert frames == 0 and path.name in ended
    if kind in FRAMES:
        assert frames == FRAMES[kind]
    assert ("1 of 6 files" in ended) == (kind == "sizes")
    assert {file.name for file in tmp_path.iterdir()} - {path.name} == ({"out.csv", "out.avi"} if frames else set())


def test_a_name_is_a_file_and_no_address_pattern_or_list(tmp_path, monkeypatch):
    """FFmpeg takes names for addresses and lists for films; here only the file that was named is read."""
    monkeypatch.chdir(tmp_path)
    filmed(tmp_path / "v.mp4", moving(4))
    (tmp_path / "http:" / "127.0.0.1:9").mkdir(parents=True)
    for name in ("http:/127.0.0.1:9/v.mp4", "concat:a|b.mp4", "film: one.mp4"):
        shutil.copy("v.mp4", name)
        assert len(list(faceapp.open_source(name))) == 4
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(CourseError, match="no video"):
            faceapp.open_source(name)
    for k in range(3):
        cv2.imwrite(f"img{k:03d}.png", moving(1)[0])
    shutil.copy("v.mp4", "img%03d.png")
    with pytest.raises(CourseError, match=r"% in it.*Rename"):
        faceapp.open_source("img%03d.png")
    lists = {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{tmp_path}/v.mp4\n#EXT-X-ENDLIST\n",
        "list.mp4": "ffconcat version 1.0\nfile v.mp4\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(CourseError, match="no video"):
            faceapp.open_source(name)
    os.mkfifo("pipe.mp4")
    for name in ("pipe.mp4", "x" * 5000, "a\0b"):
        with pytest.raises(CourseError, match="no file"):
            faceapp.open_source(name)


def test_one_frame_that_cannot_be_read_does_not_end_a_film(tmp_path):
    path = filmed(tmp_path / "v.avi", moving(20))
    data = bytearray(path.read_bytes())
    at = [k for k in range(len(data)) if data[k : k + 4] == b"00dc"][9] + 8
    data[at : at + 300] = bytes(300)
    path.write_bytes(data)
    source = faceapp.open_source(path)
    assert len(list(source)) >= 18 and (source.ended == "whole" or "1 of its frames could not be read" in source.ended)


@pytest.mark.parametrize("fps", [0, -1, 1e-6, 1e6, float("nan")])
def test_a_rate_at_which_nobody_films_is_refused(tmp_path, fps):
    with pytest.raises(CourseError, match="no rate of a film"):
        faceapp.open_source(moving(3), fps=fps)
    with pytest.raises(CourseError, match="no rate of a film"), faceapp.video_writer(tmp_path / "v.avi", fps):
        pass
