"""`create_app`: the page and its API. Pictures come in, boxes and probabilities go out; nothing is kept, written or logged."""

from __future__ import annotations

import concurrent.futures
import io
import pathlib
import traceback

import flask
from PIL import Image
from werkzeug.exceptions import HTTPException

import drawn_faces
from faceapp.predict import Predictor
from helpers import CLASSES
from helpers.data.pictures import NotAPicture
from helpers.files import whole_number

from . import heatmaps
from .decoding import Decoders
from .turns import Turns
from .uploads import LOOPBACK, OVER_MOST_BYTES, InMemory, check_sender, uploaded

PAGE = pathlib.Path(__file__).resolve().parent / "page"
AT_ONCE = 2  # pictures; each takes many times its file, and a thread's allocator keeps much of it
PLACES = 24  # requests that hold a thread of the server for a picture: those at work, and those that wait
PATIENCE = 4  # seconds that they wait
HEATMAPS, HEATMAP_PATIENCE = 4, 20  # of which one is made
HEADERS = {
    # the page loads its own script and style, shows pictures that it made itself, and talks to its own server
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
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
SENTENCES = {  # in place of Flask's own
    404: "There is nothing at this address: the page is at /, its API at /api/predict and /api/explain.",
    405: "This address takes another method: POST a picture to /api/predict or /api/explain.",
    413: OVER_MOST_BYTES,
    500: "Something broke on this side. The picture was not kept; others may work.",
}


class App(flask.Flask):
    """Flask, with requests that stay in memory, and a log that names an error's kind and place only."""

    request_class = InMemory

    def __init__(self, decoders: Decoders):
        super().__init__("faceapp.web", static_folder=str(PAGE), static_url_path="/page")
        self.decoders, self.threads = decoders, concurrent.futures.ThreadPoolExecutor(AT_ONCE)
        self.json.sort_keys = False

    def stop(self) -> None:
        """End what it works with."""
        self.decoders.stop()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def log_exception(self, exc_info) -> None:
        kind, _, place = exc_info
        last = traceback.extract_tb(place)[-1]
        self.logger.error("%s in %s, line %s", kind.__name__, pathlib.Path(last.filename).name, last.lineno)


def create_app(predictor: Predictor | None = None, hosts: frozenset[str] | None = LOOPBACK) -> flask.Flask:
    """The page as a WSGI application; without a Predictor, with the course's net and the best detector here.

    hosts  the names that it answers to; None: any
    """
    predictor = predictor or Predictor()
    app = App(Decoders(AT_ONCE))
    pictures = Turns(AT_ONCE, PLACES, PATIENCE, "pictures")
    maps = Turns(1, HEATMAPS, HEATMAP_PATIENCE, "heatmaps")

    def in_turn(work, *given):
        """What a function gives, when a turn has come; in one of few threads."""
        with pictures.wait():
            return app.threads.submit(work, *given).result()

    def faces_of(data: bytes):
        """The picture and its faces."""
        try:
            image = app.decoders(data)
        except NotAPicture as problem:
            flask.abort(413 if problem.kind == "too large" else 415, str(problem))
        faces = predictor(image)
        if not faces:
            flask.abort(422, NO_FACE)
        return image, faces

    def face_of(data: bytes, number: str):
        """The face of that number, and its crop."""
        image, faces = faces_of(data)
        face = chosen(faces, number)
        return face, predictor.crops(image, [face.box])[0]

    @app.before_request
    def check():
        check_sender(flask.request, hosts)

    @app.get("/")
    def index():
        return app.send_static_file("index.html")

    @app.get("/healthz")
    def health():
        return {"status": "ok", "network": predictor.runs_on}

    @app.get("/drawn/<number>.png")
    def drawn(number: str):
        known = whole_number(number, 10**9)
        return flask.abort(404) if known is None else png_answer(in_turn(drawn_scene, known % 100))

    @app.post("/api/predict")
    def predict():
        image, faces = in_turn(faces_of, uploaded(flask.request))
        return {"faces": [face.as_dict() for face in faces], "width": image.shape[1], "height": image.shape[0]}

    @app.post("/api/explain")
    def explain():
        data, form = uploaded(flask.request), flask.request.form
        face, crop = in_turn(face_of, data, form.get("face", "0"))
        name = form.get("emotion") or face.emotion
        if name not in CLASSES:
            flask.abort(400, f"The field emotion must be one of {', '.join(CLASSES)}.")
        with maps.wait():
            heat = heatmaps.occlusion(predictor, crop, CLASSES.index(name))
        answer = png_answer(heatmaps.png(crop, heat))
        answer.headers["X-Emotion"], answer.headers["X-Box"] = name, " ".join(map(str, face.box))
        return answer

    @app.errorhandler(HTTPException)
    def refused(problem: HTTPException):
        answer = problem.get_response()  # with the headers that belong to it, as Retry-After
        ours = problem.description != type(problem).description
        sentence = problem.description if ours else SENTENCES.get(problem.code, problem.description)
        answer.data, answer.mimetype = app.json.dumps({"error": sentence}), "application/json"
        return answer

    @app.after_request
    def safe(answer: flask.Response) -> flask.Response:
        answer.headers.update(HEADERS)
        answer.headers["Cache-Control"] = "no-cache" if flask.request.path.startswith("/page/") else "no-store"
        return answer

    return app


def chosen(faces: list, number: str):
    """The face of that number, counted from the largest."""
    found = whole_number(number, len(faces) - 1)
    if found is None:
        flask.abort(
            400,
            f"The field face must be a whole number from 0, the largest, to {len(faces) - 1}: this picture has {len(faces)}.",
        )
    return faces[found]


def drawn_scene(number: int) -> bytes:
    """A picture to try without showing anybody's face."""
    scene = drawn_faces.scene(1 + number % 2, seed=number, sizes=(150, 200), yaw=0, pitch=0, roll=0, light_level=0.9)
    out = io.BytesIO()
    Image.fromarray(scene.image).save(out, "PNG")
    return out.getvalue()


def png_answer(data: bytes) -> flask.Response:
    return flask.Response(data, mimetype="image/png")
