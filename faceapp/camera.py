"""`Camera`: the browser's camera in a notebook. Frames go to Python and are forgotten; boxes and probabilities come back."""

from __future__ import annotations

import base64
import collections
import contextlib
import pathlib
import queue
import threading
import time

import anywidget
import pandas as pd
import traitlets

from helpers import CLASSES, environment
from helpers.data.images import NotAPicture

from .boxes import Face, picture
from .predict import VideoPredictor
from .timelines import face_row, table_of

HERE = pathlib.Path(__file__).resolve().parent
MOST_BYTES = 4 * 2**20  # of a frame
MOST_FRAMES = 54_000  # whose numbers are remembered: half an hour at 30 a second
CONSENT = (
    "I show only my own face, or that of somebody who knows what this does and agrees; and I do not use it on pupils, "
    "students or colleagues: in the EU, systems that infer emotions are prohibited in education and at work (AI Act, Art. 5)."
)
PLACES = {
    "own": "the computer on which this notebook's Python runs, usually this one",
    "colab": "the computer on which this notebook's Python runs, one of Google's",
    "kaggle": "the computer on which this notebook's Python runs, one of Kaggle's",
    "binder": "the computer on which this notebook's Python runs, one of the Binder service",
    "hub": "the computer on which this notebook's Python runs, your JupyterHub",
}


class Camera(anywidget.AnyWidget):
    """Shows the camera with boxes, probabilities and a running timeline over it, once its sentence has been accepted.

    predictor   a Predictor, or a model for one; left out, the course's own net
    every       frames from one detection to the next      half_life   seconds after which an older answer counts half
    width       of the frames that are sent, in pixels      in_flight   frames on their way at once, at most
    seconds     that the running timeline shows             second      a function from a frame and its faces to a further
                                                                        word for each, such as an age range

    `table()` gives the numbers of the last run as `timeline` would, `snapshot` the picture and faces of the last press on
    Snapshot. Both are in memory only; `forget()` clears them. Nothing is written unless Save is pressed, and then by the
    browser. While another cell runs, frames wait.
    """

    _esm = HERE / "camera.js"
    _css = HERE / "camera.css"
    classes = traitlets.List(list(CLASSES)).tag(sync=True)
    consent = traitlets.Unicode(CONSENT).tag(sync=True)
    place = traitlets.Unicode(PLACES["own"]).tag(sync=True)
    width = traitlets.Int(640, min=160, max=1920).tag(sync=True)
    in_flight = traitlets.Int(3, min=1, max=8).tag(sync=True)
    seconds = traitlets.Int(20, min=5, max=120).tag(sync=True)

    def __init__(self, predictor=None, every: int = 3, half_life: float = 0.3, second=None, **options):
        self.inbox: queue.Queue = queue.Queue(1)  # a newer frame replaces the one that waits; None ends the thread
        self.run = self.latest = self.snapshot = None
        self.history: collections.deque = collections.deque(maxlen=MOST_FRAMES)
        self.accepted, self.warm, self.lock, self.second = False, False, threading.Lock(), second
        self.settings = {"every": every, "half_life": half_life}
        self.predictor = VideoPredictor(
            predictor, **self.settings
        ).predictor  # here, a wrong setting is an error at once
        super().__init__(place=PLACES.get(environment.where(), PLACES["own"]), **options)
        self.on_msg(self.receive)

    def __repr__(self) -> str:
        return "The camera of your browser: shown in JupyterLab, Notebook 7 and Colab."

    def receive(self, _widget, content: dict, buffers: list) -> None:
        """A message from the browser. Frames only wait here for the thread that works on them."""
        kind, run = content.get("kind"), content.get("run")
        if kind == "accept":
            self.accepted = bool(content.get("yes"))
        elif kind == "forget":
            self.snapshot = None
        elif kind == "start":
            self.begin(run)
        elif run is None or run != self.run:
            return  # left over from an earlier start
        elif kind == "stop":
            self.end()
        elif kind == "frame":
            self.frame(content, buffers)
        elif kind == "snapshot":
            self.snapshot = self.latest

    def begin(self, run: str) -> None:
        """A new run: everything of the one before is forgotten."""
        if not self.accepted:
            return self.reply("problem", run, text="Accept the sentence above first.")
        if self.run is not None:
            self.reply("ended", self.run, text="The camera was started elsewhere in this notebook.")
        self.end()
        with self.lock:
            self.history.clear()
        self.run, self.inbox = run, queue.Queue(1)
        threading.Thread(target=self.work, args=(run, self.inbox), daemon=True, name="camera").start()

    def end(self) -> None:
        """No more frames are wanted."""
        self.run = self.latest = None
        replace(self.inbox, None)

    def frame(self, content: dict, buffers: list) -> None:
        """Let a frame wait; an older one that still waits is skipped."""
        number = content.get("id")
        if not buffers and "data" not in content:
            return self.reply("text", self.run, id=number)  # a notebook that carries no binary messages: ask for text
        data = bytes(buffers[0]) if buffers else base64.b64decode(content["data"])
        if len(data) > MOST_BYTES:
            return self.reply("skipped", self.run, id=number)
        older = replace(self.inbox, (number, float(content.get("time", 0)), data))
        if older is not None:
            self.reply("skipped", self.run, id=older[0])

    def work(self, run: str, inbox: queue.Queue) -> None:
        """In the thread: load the network once, then take the newest frame, again and again."""
        try:
            if not self.warm:
                self.reply("loading", run)
                self.predictor.warm_up()
                self.warm = True
            predict = VideoPredictor(self.predictor, **self.settings)
            self.reply("ready", run)
            while (newest := inbox.get()) is not None:
                self.answer(run, predict, *newest)
        except Exception as problem:  # whatever it is, it is shown where the user looks
            self.reply("problem", run, text=f"Python stopped looking: {problem} ({type(problem).__name__})")
            if run == self.run:
                self.run = self.latest = None

    def answer(self, run: str, predict: VideoPredictor, number: int, moment: float, data: bytes) -> None:
        """One frame: its faces to the browser, its numbers to the table, the picture to nowhere."""
        begun = time.perf_counter()
        try:
            image = picture(data)
        except NotAPicture:
            return self.reply("skipped", run, id=number)
        faces = predict(image, moment)
        words = self.second(image, faces) if self.second and faces else [""] * len(faces)
        if run != self.run:
            return None
        self.latest = (image, faces)
        with self.lock:
            self.history.append((moment, faces))
        message = [as_message(face) | {"second": word} for face, word in zip(faces, words, strict=True)]
        return self.reply("faces", run, id=number, faces=message, ms=round(1000 * (time.perf_counter() - begun), 1))

    def reply(self, kind: str, run: str, **more) -> None:
        """Send a message to the browser."""
        self.send({"kind": kind, "run": run} | more)

    def table(self) -> pd.DataFrame:
        """The numbers of the last run: a row a frame and face, with the columns of `timeline` but for the truth."""
        with self.lock:
            seen = list(self.history)
        rows = [
            {"frame": k, "time": round(moment, 4)} | face_row(face)
            for k, (moment, faces) in enumerate(seen)
            for face in faces or [None]
        ]
        return table_of(rows).drop(columns=["truth", "intensity"])

    def forget(self) -> None:
        """Clear what is in memory: numbers, the last frame, the snapshot."""
        with self.lock:
            self.history.clear()
        self.latest = self.snapshot = None

    def close(self) -> None:
        """End the thread, too, when the widget goes."""
        self.end()
        super().close()


def replace(inbox: queue.Queue, item):
    """Put an item into a queue of one place, and give back what lay there before."""
    older = None
    with contextlib.suppress(queue.Empty):
        older = inbox.get_nowait()
    inbox.put(item)
    return older


def as_message(face: Face) -> dict:
    """A face as the browser draws it."""
    numbers = [round(float(p), 4) for p in face.probabilities]
    return {"box": list(face.box), "person": face.person, "emotion": face.emotion, "probabilities": numbers}
