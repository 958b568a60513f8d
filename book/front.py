"""What the front page needs: the bundled net as a browser runs it, drawn faces to ask it about, one face with its muscles."""

import contextlib
import hashlib
import io
import itertools
import json
import os
import pathlib
import shutil

import numpy as np
from PIL import Image

import drawn_faces
from faceapp.camera import CONSENT
from helpers import environment
from tools.notebooks import ROOT

SIDE = 192  # pixels of a picture on the page; the net gets it shrunk as faceapp shrinks a face
GRID = {
    "n": 21,
    "seed": 8,
    "balanced": True,
    "light_level": 0.85,
    "occluder": "none",
    "blur": 0.1,
    "dark_glasses": False,
}
PERSON = {"n": 1, "seed": 25, "labels": ["neutral"], "frontal": True, "light_level": 0.85, "occluder": "none"}
PERSON |= {"glasses": False, "noise": 0.5, "blur": 0.1, "jpeg": 98}
UNITS = ("AU1", "AU4", "AU5", "AU9", "AU12", "AU26")
MADE_FROM = ("helpers/assets/emotion_net.npz", "helpers/models.py", "drawn_faces", "faceapp/camera.py", "book/front.py")
KEPT = ROOT / "build" / "book-front"  # made again only when one of these has changed


def write(folder: pathlib.Path) -> None:
    """Net, pictures and facts into a folder."""
    kept = KEPT / state()
    if not kept.exists():
        shutil.rmtree(KEPT, ignore_errors=True)
        draft = KEPT / "draft"
        draft.mkdir(parents=True)
        make(draft)
        os.replace(draft, kept)
    shutil.copytree(kept, folder, dirs_exist_ok=True)


def state() -> str:
    """A hash of everything that the front page is made from."""
    places = [ROOT / name for name in MADE_FROM]
    files = [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def make(folder: pathlib.Path) -> None:
    with environment.hushed():
        from helpers import pretrained  # imports TensorFlow, which writes much to the terminal

        net = pretrained.emotion_net()
    content = converted(net)
    (folder / "net.tflite").write_bytes(content)
    facts = {
        "classes": drawn_faces.CLASSES,
        "net": {"name": net.name, "bytes": len(content), "side": net.input_shape[1], "right": right(net.name)},
        "faces": grid(folder),
        "units": [{"name": unit, "does": drawn_faces.ACTION_UNITS[unit]} for unit in UNITS],
        "consent": CONSENT,
    }
    for on in itertools.product((0, 1), repeat=len(UNITS)):
        Image.fromarray(person(on)).save(folder / f"person-{''.join(map(str, on))}.png", optimize=True)
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")


def converted(net) -> bytes:
    """The net for LiteRT, from one picture to its logits: the same arithmetic as Keras', its weights in sixteen bits.

    The bundled file in eight bits rounds what goes into a layer, and a browser rounds it at other places than Python.
    """
    import keras
    import tensorflow as tf

    from helpers import explain

    picture = keras.Input(batch_shape=(1, *net.input_shape[1:]), dtype="float32")
    logits = keras.Model(picture, explain.prepare(net).model(picture))
    converter = tf.lite.TFLiteConverter.from_keras_model(logits)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    with environment.hushed(), contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def right(name: str) -> dict | None:
    """How often the net is right on photographs, from its reference run."""
    record = ROOT / "helpers" / "assets" / "reference" / f"{name}.json"
    if not record.exists():
        return None
    scores = json.loads(record.read_text("utf-8"))["scores"]
    return {"accuracy": scores["accuracy"], "interval": scores["accuracy_95"], "images": scores["images"]}


def grid(folder: pathlib.Path) -> list[dict]:
    """The faces to click: a picture each, and what ten simulated observers said."""
    faces = drawn_faces.faces(size=SIDE, **GRID)
    for i, picture in enumerate(faces.images):
        Image.fromarray(picture).save(folder / f"face-{i:02d}.png", optimize=True)
    return [{"votes": votes.tolist()} for votes in faces.votes]


def person(on: tuple[int, ...]) -> np.ndarray:
    """One person at rest, with some action units at full strength."""
    face = drawn_faces.faces(size=SIDE, **PERSON)
    rest = dict.fromkeys(drawn_faces.AUS, 0.0)
    return face.with_(**rest | {unit: float(value) for unit, value in zip(UNITS, on, strict=True)}).images[0]
