"""`Camera`: the browser's camera in a notebook. Frames go to Python and are forgotten; boxes and probabilities come back."""

from __future__ import annotations

import base64
import collections
import pathlib
import threading
import time

import anywidget
import pandas as pd
import traitlets

from helpers import CLASSES, environment
from helpers.data.images import NotAPicture

from .boxes import Face, picture
from .predict import Predictor
from .timelines import Watcher, as_predictor, described, table_of

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
    seconds     that the running timeline shows

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

    def __init__(self, predictor=None, every: int = 3, half_life: float = 0.3, **options):
        self.inbox, self.run, self.accepted, self.snapshot = Newest(), None, False, None
        self.history: collections.deque = collections.deque(maxlen=MOST_FRAMES)
        self.latest, self.lock, self.warm = None, threading.Lock(), False
        self.predictor = as_predictor(predictor) or Predictor()
        self.watching = {"every": every, "half_life": half_life}
        Watcher(self.predictor, **self.watching)  # a wrong setting is told now, not in a thread
        super().__init__(place=PLACES.get(environment.where(), PLACES["own"]), **options)
        self.on_msg(self.heard)

    def __repr__(self) -> str:
        return "The camera of your browser: shown in JupyterLab, Notebook 7 and Colab."

    def heard(self, _widget, content: dict, buffers: list) -> None:
        """What the browser says. Frames are only put down here: the looking is done by a thread."""
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
            return self.tell("problem", run, text="Accept the sentence above first.")
        if self.run is not None:
            self.tell("ended", self.run, text="The camera was started elsewhere in this notebook.")
        self.end()
        with self.lock:
            self.history.clear()
        self.run, self.inbox = run, Newest()
        threading.Thread(target=self.work, args=(run, self.inbox), daemon=True, name="camera").start()

    def end(self) -> None:
        """No more frames are wanted."""
        self.run, self.latest = None, None
        self.inbox.close()

    def frame(self, content: dict, buffers: list) -> None:
        """Put a frame down; one that still lies there is older, and will not be looked at."""
        number = content.get("id")
        if not buffers and "data" not in content:
            return self.tell("text", self.run, id=number)  # a notebook that carries no binary messages: ask for text
        data = bytes(buffers[0]) if buffers else base64.b64decode(content["data"])
        if len(data) > MOST_BYTES:
            return self.tell("skipped", self.run, id=number)
        older = self.inbox.put((number, float(content.get("time", 0)), data))
        if older is not None:
            self.tell("skipped", self.run, id=older[0])

    def work(self, run: str, inbox: Newest) -> None:
        """In the thread: load the network once, then look at the newest frame, again and again."""
        try:
            if not self.warm:
                self.tell("loading", run)
                self.predictor.warm()
                self.warm = True
            watch = Watcher(self.predictor, **self.watching)
            self.tell("ready", run)
            while (newest := inbox.take()) is not None:
                self.look(run, watch, *newest)
        except Exception as problem:  # whatever it is, it is shown where the user looks
            self.tell("problem", run, text=f"Python stopped looking: {problem} ({type(problem).__name__})")
            if run == self.run:
                self.end()

    def look(self, run: str, watch: Watcher, number: int, moment: float, data: bytes) -> None:
        """One frame: its faces to the browser, its numbers to the table, the picture to nowhere."""
        begun = time.perf_counter()
        try:
            image = picture(data)
        except NotAPicture:
            return self.tell("skipped", run, id=number)
        faces = watch(image, moment)
        if run != self.run:
            return None
        self.latest = (image, faces)
        with self.lock:
            self.history.append((moment, faces))
        told = [shown(face) for face in faces]
        return self.tell("faces", run, id=number, faces=told, ms=round(1000 * (time.perf_counter() - begun), 1))

    def tell(self, kind: str, run: str, **more) -> None:
        """Say something to the browser."""
        self.send({"kind": kind, "run": run} | more)

    def table(self) -> pd.DataFrame:
        """The numbers of the last run: a row a frame and face, with the columns of `timeline` but for the truth."""
        with self.lock:
            seen = list(self.history)
        rows = [
            {"frame": k, "time": round(moment, 4)} | described(face)
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


class Newest:
    """A place for one thing: what is put there replaces what was there. So no queue can grow."""

    def __init__(self):
        self.thing, self.closed, self.changed = None, False, threading.Condition()

    def put(self, thing):
        """Put it there; gives back what it replaced, None if the place was empty."""
        with self.changed:
            older, self.thing = self.thing, thing
            self.changed.notify()
            return older

    def take(self):
        """Wait for a thing and take it; None once the place is closed."""
        with self.changed:
            self.changed.wait_for(lambda: self.closed or self.thing is not None)
            thing, self.thing = (None, None) if self.closed else (self.thing, None)
            return thing

    def close(self) -> None:
        """Whoever waits goes home."""
        with self.changed:
            self.closed, self.thing = True, None
            self.changed.notify_all()


def shown(face: Face) -> dict:
    """A face as the browser draws it."""
    numbers = [round(float(p), 4) for p in face.probabilities]
    return {"box": list(face.box), "person": face.person, "emotion": face.emotion, "probabilities": numbers}
