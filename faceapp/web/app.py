"""`create_app`: the page and its API. Pictures come in, boxes and probabilities go out; nothing is kept, written or logged."""

from __future__ import annotations

import functools
import io
import pathlib
import traceback

import flask
from PIL import Image
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from helpers import CLASSES

from . import heatmaps
from .uploads import InMemory, Refusal, sent, too_large, unfolded, unfolding

PAGE = pathlib.Path(__file__).resolve().parent / "page"
POLICY = (  # the page loads its own script and style, shows pictures that it made itself, and talks to its own server
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_FACE = (
    "No face was found in this picture. Detectors find faces that look at the camera, are not too small (a tenth of the "
    "picture or more) and are well lit."
)
SENTENCES = {
    404: "There is nothing at this address: the page is at /, its API at /api/predict and /api/explain.",
    405: "This address takes another method: POST a picture to /api/predict or /api/explain.",
}


class App(flask.Flask):
    """Flask, with requests that stay in memory, and errors that are told by their kind and place only."""

    request_class = InMemory

    def log_exception(self, exc_info) -> None:
        kind, _, place = exc_info
        last = traceback.extract_tb(place)[-1]
        self.logger.error("%s in %s, line %s", kind.__name__, pathlib.Path(last.filename).name, last.lineno)


def create_app(predictor=None, occlusion=None) -> flask.Flask:
    """The page as a WSGI application.

    predictor  a faceapp.Predictor; left out, the course's net with the best detector at hand
    occlusion  (predictor, crop, class code) -> map of the crop's size; left out, the room `explain` makes it
    """
    import faceapp

    predictor = faceapp.Predictor() if predictor is None else predictor
    occlusion = heatmaps.occlusion if occlusion is None else occlusion
    turns = heatmaps.Turns()
    app = App("faceapp.web", static_folder=str(PAGE), static_url_path="/page")
    app.json.sort_keys = False

    def look(data: bytes):
        """The picture and its faces. Few at once: a picture in memory is many times its file."""
        image = unfolded(data)
        found = predictor(image)
        if not found:
            raise Refusal(422, NO_FACE)
        return image, found

    @app.get("/")
    def index():
        return app.send_static_file("index.html")

    @app.get("/healthz")
    def health():
        return {"status": "ok"}

    @app.get("/drawn/<int:number>.png")
    def drawn(number: int):
        return flask.Response(drawn_scene(number % 100), mimetype="image/png")

    @app.post("/api/predict")
    def predict():
        data = sent(flask.request)
        with unfolding:
            image, faces = look(data)
        height, width = image.shape[:2]
        return {"faces": [face.as_dict() for face in faces], "width": width, "height": height}

    @app.post("/api/explain")
    def explain():
        data = sent(flask.request)
        with unfolding:
            image, faces = look(data)
            face = chosen(faces, flask.request.form.get("face", "0"))
            crop = predictor.crops(image, [face.box])[0]
        name = flask.request.form.get("emotion") or face.emotion
        if name not in CLASSES:
            raise Refusal(400, f"The field emotion must be one of {', '.join(CLASSES)}.")
        with turns.wait():
            heat = occlusion(predictor, crop, CLASSES.index(name))
        answer = flask.Response(heatmaps.png(crop, heat), mimetype="image/png")
        answer.headers["X-Emotion"], answer.headers["X-Box"] = name, " ".join(map(str, face.box))
        return answer

    @app.errorhandler(Refusal)
    def refused(problem: Refusal):
        return {"error": problem.sentence}, problem.status, problem.headers

    @app.errorhandler(RequestEntityTooLarge)
    def over_the_limit(problem):
        return refused(too_large())

    @app.errorhandler(HTTPException)
    def other(problem: HTTPException):
        headers = {"Allow": ", ".join(problem.valid_methods)} if getattr(problem, "valid_methods", None) else {}
        return {"error": SENTENCES.get(problem.code, problem.description)}, problem.code, headers

    @app.errorhandler(Exception)
    def broken(problem: Exception):
        app.log_exception((type(problem), problem, problem.__traceback__))
        return {"error": "Something broke on this side. The picture was not kept; others may work."}, 500

    @app.after_request
    def safe(answer: flask.Response) -> flask.Response:
        answer.headers.update(HEADERS)
        answer.headers["Cache-Control"] = "no-cache" if flask.request.path.startswith("/page/") else "no-store"
        return answer

    return app


def chosen(faces: list, number: str):
    """The face of that number, counted from the largest."""
    if not number.isdecimal() or int(number) >= len(faces):
        raise Refusal(
            400,
            f"The field face must be a whole number from 0, the largest, to {len(faces) - 1}: this picture has {len(faces)}.",
        )
    return faces[int(number)]


@functools.lru_cache(16)
def drawn_scene(number: int) -> bytes:
    """A picture to try without showing anybody's face."""
    import drawn_faces

    scene = drawn_faces.scene(1 + number % 2, seed=number, sizes=(150, 200), yaw=0, pitch=0, roll=0, light_level=0.9)
    out = io.BytesIO()
    Image.fromarray(scene.image).save(out, "PNG")
    return out.getvalue()
