"""Bad videos: each ends in time and in bounded memory, with a table of what could be read, or with a sentence. SOAK=1 for fifty."""

import os
import resource
import time

import pandas as pd
import pytest

import faceapp
from helpers.files import CourseError

from .faceapp_world import BAD, bad_video, predictor

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
