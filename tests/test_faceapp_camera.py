"""The camera widget without a browser: consent first, the newest frame wins, nothing is kept, and what breaks is said."""

import base64
import io
import json
import pathlib
import shutil
import subprocess
import threading
import time

import numpy as np
import pytest
from PIL import Image

import faceapp
from faceapp import camera as room
from helpers import CLASSES

from .faceapp_world import brightness, predictor

SCRIPT = (room.HERE / "camera.js").read_text("utf-8")


class Browser:
    """What the script would do: sends messages, and remembers what comes back."""

    def __init__(self, camera):
        self.camera, self.got, self.came = camera, [], threading.Condition()
        camera.send = self.receive

    def receive(self, content, buffers=None):
        with self.came:
            self.got.append(content)
            self.came.notify_all()

    def say(self, kind, buffers=(), **content):
        self.camera.receive(self.camera, {"kind": kind} | content, list(buffers))

    def wait(self, kind, n=1, **having):
        """The messages of a kind once there are n of them."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.of(kind, **having)) >= n, timeout=20), self.got
            return self.of(kind, **having)

    def of(self, kind, **having):
        return [m for m in self.got if m["kind"] == kind and all(m.get(k) == v for k, v in having.items())]


@pytest.fixture
def browser():
    made = Browser(faceapp.Camera(predictor()))
    yield made
    made.camera.close()


def jpeg(light: int = 200, side: int = 96) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), light, np.uint8)).save(out, "JPEG")
    return out.getvalue()


def started(browser, run="one"):
    browser.say("accept", yes=True)
    browser.say("start", run=run)
    browser.wait("ready", run=run)
    return browser


def test_no_frame_is_taken_before_the_sentence_is_accepted(browser):
    browser.say("start", run="one")
    (refusal,) = browser.got
    assert refusal["kind"] == "problem" and "Accept" in refusal["text"]
    browser.say("frame", [jpeg()], run="one", id=0, time=0)
    assert browser.camera.inbox.empty() and browser.camera.run is None and len(browser.got) == 1
    started(browser)
    browser.say("accept", yes=False)
    browser.say("start", run="two")
    assert browser.got[-1]["kind"] == "problem"


def test_a_frame_comes_back_as_boxes_and_probabilities(browser):
    started(browser)
    assert [m["kind"] for m in browser.got] == ["loading", "ready"]
    browser.say("frame", [memoryview(jpeg(200))], run="one", id=0, time=0.0)
    (answer,) = browser.wait("faces")
    (face,) = answer["faces"]
    assert answer["id"] == 0 and answer["ms"] > 0 and face["box"] == [24, 24, 48, 48] and face["person"] == 0
    assert face["emotion"] == "happy" and len(face["probabilities"]) == 7
    assert face["probabilities"][CLASSES.index("happy")] == pytest.approx(0.9 * 200 / 255, abs=0.02)
    browser.say("frame", [jpeg(200)], run="one", id=1, time=0.1)
    browser.wait("faces", 2)
    table = browser.camera.table()
    assert list(table["frame"]) == [0, 1] and list(table["time"]) == [0, 0.1] and list(table["label"]) == ["happy"] * 2
    assert set(table.columns) == set(faceapp.COLUMNS) - {"truth", "intensity"}


def test_the_newest_frame_wins_and_no_queue_grows():
    go, seen = threading.Event(), []

    def slow(batch):
        seen.append(round(float(batch.max())))
        go.wait(20)
        return brightness(batch)

    go.set()
    browser = started(Browser(faceapp.Camera(predictor(model=slow))))
    seen.clear()
    go.clear()
    browser.say("frame", [jpeg(10)], run="one", id=0, time=0)
    while not seen:
        time.sleep(0.01)
    for k in range(1, 60):
        browser.say("frame", [jpeg(10 + 4 * k)], run="one", id=k, time=k / 30)
    assert [m["id"] for m in browser.of("skipped")] == list(range(1, 59)), "each is answered, so that the next may come"
    go.set()
    browser.wait("faces", 2)
    assert [m["id"] for m in browser.of("faces")] == [0, 59] and seen == [10, 246]
    browser.camera.close()


def test_frames_of_an_earlier_start_are_ignored(browser):
    started(browser)
    browser.say("start", run="two")
    browser.wait("ready", run="two")
    assert browser.of("ended", run="one"), "the other view gets a message"
    assert len(browser.of("loading")) == 1, "the network is loaded once"
    browser.say("frame", [jpeg()], run="one", id=7, time=0)
    browser.say("frame", [jpeg()], run="two", id=0, time=0)
    browser.wait("faces")
    assert [m["run"] for m in browser.of("faces")] == ["two"] and not browser.of("skipped")


def test_stop_ends_the_thread_and_forgets_the_frame(browser):
    before = threading.active_count()
    started(browser)
    browser.say("frame", [jpeg()], run="one", id=0, time=0)
    browser.wait("faces")
    assert browser.camera.latest is not None
    browser.say("stop", run="one")
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before and browser.camera.latest is None and browser.camera.run is None
    assert len(browser.camera.table()) == 1, "the numbers stay until the next start"
    browser.say("frame", [jpeg()], run="one", id=1, time=1)
    browser.camera.forget()
    assert len(browser.camera.table()) == 0 and len(browser.of("faces")) == 1


def test_a_snapshot_is_kept_in_memory_until_it_is_forgotten(browser, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    started(browser)
    browser.say("frame", [jpeg(200)], run="one", id=0, time=0)
    browser.wait("faces")
    assert browser.camera.snapshot is None
    browser.say("snapshot", run="one")
    image, faces = browser.camera.snapshot
    assert image.shape == (96, 96, 3) and faces[0].emotion == "happy"
    browser.say("stop", run="one")
    assert browser.camera.snapshot is not None
    browser.say("forget")
    assert browser.camera.snapshot is None and not list(tmp_path.iterdir())


def test_what_is_no_frame_is_skipped(browser):
    started(browser)
    for k, data in enumerate((b"", b"no picture", jpeg()[:200], bytes(room.MOST_BYTES + 1))):
        browser.say("frame", [data], run="one", id=k, time=0)
        browser.wait("skipped", k + 1)
    browser.say("frame", [], run="one", id=9, time=0)
    assert browser.wait("text", id=9), "where a notebook carries no binary messages, text is asked for"
    browser.say("frame", [], run="one", id=10, time=0, data=base64.b64encode(jpeg()).decode())
    assert browser.wait("faces", id=10)


def test_what_breaks_is_said_in_the_widget():
    def breaks(batch):
        raise RuntimeError("no weights here")

    browser = Browser(faceapp.Camera(predictor(model=breaks)))
    browser.say("accept", yes=True)
    browser.say("start", run="one")
    (problem,) = browser.wait("problem")
    assert "no weights here (RuntimeError)" in problem["text"] and browser.camera.run is None
    browser.say("frame", [jpeg()], run="one", id=0, time=0)
    browser.say("start", run="two")
    assert browser.wait("problem", run="two"), "and it can be started again"
    with pytest.raises(ValueError, match="whole number"):
        faceapp.Camera(predictor(), every=0)


def test_memory_is_bounded(browser):
    started(browser)
    assert browser.camera.history.maxlen == room.MOST_FRAMES
    for k in range(40):
        browser.say("frame", [jpeg(5 * k)], run="one", id=k, time=k / 30)
        browser.wait("faces", k + 1)
    kept = [x for _, faces in browser.camera.history for x in faces]
    assert len(kept) == 40 and not any(np.size(part) > 7 for face in kept for part in face), "numbers, no pictures"


def test_it_has_a_plain_fallback_and_asks_in_words(browser):
    bundle = browser.camera._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "shown in JupyterLab" in bundle["text/plain"] and "camera.js" not in bundle["text/plain"]
    assert "only my own face" in browser.camera.consent and "prohibited in education" in browser.camera.consent


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js here to run the script without a browser")
def test_the_script_does_what_it_says(tmp_path):
    """The whole script, driven without a browser: consent, refusals, frames in flight, late answers, a kernel that goes."""
    (tmp_path / "camera.mjs").write_text(SCRIPT, "utf-8")
    drive = pathlib.Path(__file__).with_name("camera_drive.mjs")
    done = subprocess.run(
        ["node", drive, (tmp_path / "camera.mjs").as_uri()], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    printed = dict(json.loads(line) for line in done.stdout.splitlines())
    assert printed["before consent"] == [True, 0] and printed["after consent"] == [False, "accept", True]
    assert "plain http" in printed["insecure"] and "was refused" in printed["refused"]
    assert printed["before Python is ready"] == ["Stop", 0, ""]
    assert printed["in flight"] == [0, 1, 2] and printed["then"] == [0, 1, 2, 3, 4, 5], (
        "never more than three, then three more"
    )
    assert printed["the late answer is passed over"] == [2, "[1,2,30,40]", "happy", 0]
    assert printed["as text"] == "string" and printed["another run"] == 2 and printed["saved"] == "camera-"
    assert printed["kernel gone"] == [
        "Python was restarted or shut down: the camera is off. Run this cell again.",
        "Start",
        1,
    ]
    assert printed["problem"] == ["Python stopped looking.", "Start", 2]
    assert printed["sent"] == ["accept", "forget", "frame", "snapshot", "start", "stop"]
