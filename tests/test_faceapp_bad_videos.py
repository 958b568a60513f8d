"""Fifty bad videos: each ends in time, in bounded memory, with a table of what was read and a sentence. SOAK=1 for all."""

import os
import resource
import time

import pandas as pd
import pytest

import faceapp

from .faceapp_world import BAD, bad_video, predictor

CASES = [(BAD[i % len(BAD)], i) for i in range(50)]
FEW = [case for case in CASES if case in (("empty", 0), ("truncated", 2), ("huge", 6), ("sizes", 12), ("damaged", 22))]


@pytest.mark.parametrize("kind, seed", CASES if os.environ.get("SOAK") else FEW)
def test_a_bad_video_ends_cleanly(tmp_path, kind, seed):
    path = bad_video(tmp_path, kind, seed)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    table = faceapp.timeline(
        path, predictor(), csv=tmp_path / "out.csv", video=tmp_path / "out.avi", patience=10, progress=False
    )
    assert time.monotonic() - begun < 30
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 700
    ended, frames = table.attrs["ended"], table.attrs["frames"]
    assert ended and len(table) == frames == len(pd.read_csv(tmp_path / "out.csv"))
    assert (tmp_path / "out.avi").exists() == (frames > 0)
    if kind in ("empty", "text", "noise", "playlist", "directory"):
        assert frames == 0 and ended != "whole" and len(ended) > 20
    if kind in ("one frame", "odd", "wrong name"):
        assert ended == "whole" and frames == {"one frame": 1, "odd": 4, "wrong name": 30}[kind]
    if kind == "sizes":
        assert frames == 5 and "1 of 6 files could not be read" in ended
    print(f"{kind} {seed}: {frames} frames; {ended}")
