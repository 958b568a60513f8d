"""The page and its API: every face with its seven probabilities, and every refusal a status and a sentence."""

import re
import tempfile
import threading

import cv2
import numpy as np
import pytest
from PIL import Image

from faceapp.web import app as room
from faceapp.web import heatmaps, uploads
from helpers import CLASSES, explain

from . import hostile
from .faceapp_world import brightness
from .web_world import client, form, picture, ramp


@pytest.fixture(autouse=True)
def quick_heatmaps(monkeypatch):
    monkeypatch.setattr(heatmaps, "occlusion", ramp)


def sentence(answer) -> str:
    """The sentence of a refusal."""
    (said,) = answer.get_json().values()
    assert said[0].isupper() and said.endswith(".") and 20 < len(said) < 400 and "Traceback" not in said
    return said


def test_a_picture_comes_back_with_its_faces():
    answer = client().post("/api/predict", **form(picture(200)))
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    (face,) = answer.get_json()["faces"]
    assert face["box"] == [30, 22, 60, 45] and face["emotion"] == "happy"
    assert list(face["probabilities"]) == list(CLASSES) and 0.5 < face["probabilities"]["happy"] < 0.9
    assert (answer.get_json()["width"], answer.get_json()["height"]) == (120, 90)


def test_without_a_face_422():
    answer = client().post("/api/predict", **form(hostile.encoded(np.zeros((60, 60), np.uint8))))
    assert answer.status_code == 422 and "No face was found" in sentence(answer)


@pytest.mark.parametrize("name, wrong", sorted(hostile.bad_files().items()))
def test_what_is_no_picture_is_refused(name, wrong):
    data, kind = wrong
    for address in ("/api/predict", "/api/explain"):
        answer = client().post(address, **form(data, name))
        assert answer.status_code == (413 if kind == "too large" else 415), sentence(answer)
        assert name not in sentence(answer), "what a visitor calls a file is nobody's business"


def test_the_same_face_in_any_format_gets_the_same_answer():
    image = hostile.face(3, 96)
    image[:30, :40] = 250
    answers = {}
    for name, data in hostile.odd_files(image).items():
        answer = client().post("/api/predict", **form(data, name))
        assert answer.status_code == 200, (name, answer.get_json())
        answers[name] = answer.get_json()["faces"][0]["probabilities"]["happy"]
    assert max(answers.values()) - min(answers.values()) < 0.02, answers


def test_a_photograph_is_turned_upright():
    image = np.zeros((80, 160), np.uint8)
    image[:, :80] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    got = client().post("/api/predict", **form(hostile.encoded(image, "JPEG", exif=exif))).get_json()
    assert (got["width"], got["height"]) == (80, 160) and got["faces"][0]["box"] == [20, 40, 40, 80]


def test_limits_of_bytes_and_pixels():
    over = picture() + bytes(uploads.MOST_BYTES)
    for data in (over, over + bytes(10**6)):
        answer = client().post("/api/predict", **form(data))
        assert answer.status_code == 413 and "over 10 MB" in sentence(answer)
    wide = hostile.encoded(Image.new("1", (5_001, 5_000), 1))
    answer = client().post("/api/predict", **form(wide))
    assert answer.status_code == 413 and "25,005,000 pixels" in sentence(answer) and len(wide) < 20_000
    assert client().post("/api/predict", **form(hostile.png(9_000, 9_000))).status_code == 413


def test_requests_that_carry_no_picture():
    page = client()
    for options in ({"data": picture(), "content_type": "image/png"}, {"json": {"image": "x"}}, {"data": b""}):
        answer = page.post("/api/predict", **options)
        assert answer.status_code == 415 and "multipart/form-data" in sentence(answer)
    for options in (form(None), form(None, image="text"), form(picture(), ""), form(None, other=1)):
        options["content_type"] = "multipart/form-data"
        answer = page.post("/api/predict", **options)
        assert answer.status_code == 400 and "field named image" in sentence(answer)
    broken = {"data": b"--x\r\nContent-Disposition: form-data", "content_type": "multipart/form-data; boundary=x"}
    assert page.post("/api/predict", **broken).status_code == 400
    two = form(picture())
    two["data"]["image"] = [form(picture())["data"]["image"], form(picture())["data"]["image"]]
    assert "More than one picture" in sentence(page.post("/api/predict", **two))
    for method, address, status in (("get", "/api/predict", 405), ("get", "/nowhere", 404), ("post", "/", 405)):
        answer = getattr(page, method)(address)
        assert answer.status_code == status and sentence(answer) and ("Allow" in answer.headers) == (status == 405)
    assert page.get("/page/../app.py").status_code == page.get("/page/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize("extra", [{f"f{k}": "x" for k in range(12)}, {"emotion": "x" * 600_000}])
def test_a_form_of_other_things_is_not_called_a_large_picture(extra):
    answer = client().post("/api/predict", **form(picture(), **extra))
    assert answer.status_code == 413 and "over 10 fields, or one over 500 kB" in sentence(answer)


def test_who_finds_no_turn_is_sent_away(monkeypatch):
    """A second picture waits for a while, a third not at all; both are told when to come again."""
    monkeypatch.setattr(room, "AT_ONCE", 1)
    monkeypatch.setattr(room, "PLACES", 2)
    monkeypatch.setattr(room, "PATIENCE", 0.3)
    go, inside = threading.Event(), threading.Event()

    def slow(image):
        inside.set()
        go.wait(20)
        return []

    app, answers = client(detector=slow).application, []

    def visit():
        answers.append(app.test_client().post("/api/predict", **form(picture())))

    first = threading.Thread(target=visit)
    first.start()
    assert inside.wait(20)
    others = [threading.Thread(target=visit) for _ in range(2)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert [answer.status_code for answer in answers] == [503] * 2
    assert all(answer.headers["Retry-After"] == "5" and "try again" in sentence(answer) for answer in answers)
    assert app.test_client().get("/healthz").status_code == 200
    go.set()
    first.join()
    assert answers[2].status_code == 422


def test_a_heatmap_is_a_picture_of_the_face():
    answer = client().post("/api/explain", **form(picture(), emotion="surprise"))
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    assert answer.headers["X-Emotion"] == "surprise" and answer.headers["X-Box"] == "30 22 60 45"
    image = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_COLOR).astype(int)
    assert image.shape == (384, 384, 3)
    cold, warm = image[:, :40].mean((0, 1)), image[:, -40:].mean((0, 1))
    assert np.ptp(cold) < 8 and np.ptp(warm) > 20, "grey where it is cold, in colour where it is warm"
    assert client().post("/api/explain", **form(picture())).headers["X-Emotion"] == "happy"
    for fields in ({"face": 1}, {"face": "-1"}, {"face": "9" * 5_000}, {"emotion": "joy"}):
        answer = client().post("/api/explain", **form(picture(), **fields))
        assert answer.status_code == 400 and f"field {next(iter(fields))} must be" in sentence(answer)


def test_a_heatmap_explains_the_class_of_the_crop(monkeypatch):
    def occlusion(model, images, classes, window, stride):
        assert model is brightness and images.shape == (1, 48, 48) and images.dtype == np.uint8 and classes == [5]
        if images.max() == images.min():
            raise ValueError("Picture 0 is flat.")
        return images / 255

    monkeypatch.undo()
    monkeypatch.setattr(explain, "prepare", lambda model: model)
    monkeypatch.setattr(explain, "occlusion", occlusion)
    face = hostile.encoded(hostile.face(1, 96))
    assert client().post("/api/explain", **form(face, emotion="sad")).status_code == 200
    answer = client().post("/api/explain", **form(picture(), emotion="sad"))
    assert answer.status_code == 422 and "Picture 0 is flat." in sentence(answer)


def test_nothing_is_written_and_nothing_logged(monkeypatch, caplog, capfd):
    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, lambda *a, **k: pytest.fail("a temporary file"))
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", lambda *a, **k: pytest.fail("a temporary file"))
    large = hostile.encoded(np.random.default_rng(0).integers(0, 256, (1_000, 1_000, 3), dtype=np.uint8))
    assert len(large) > 2 * 10**6
    for address in ("/api/predict", "/api/explain"):
        assert client().post(address, **form(large, "secret name.png")).status_code == 200
    assert client().post("/api/predict", **form(b"no picture", "secret name.png")).status_code == 415
    assert not caplog.records and capfd.readouterr() == ("", "")


def test_what_breaks_is_logged_by_kind_and_place_only(caplog):
    def breaks(batch):
        raise RuntimeError("the secret")

    answer = client(model=breaks).post("/api/predict", **form(picture()))
    assert answer.status_code == 500 and "secret" not in sentence(answer)
    (record,) = caplog.records
    assert re.fullmatch(r"RuntimeError in test_faceapp_web\.py, line \d+", record.getMessage()) and not record.exc_info


def test_every_answer_has_its_security_headers():
    page = client()
    answers = [page.get("/"), page.get("/page/page.js"), page.get("/none"), page.get("/healthz")]
    answers += [page.post("/api/predict", **form(data)) for data in (picture(), b"x")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer" and "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store", "no-cache"] + ["no-store"] * 4
    assert page.get("/healthz").get_json() == {"status": "ok", "network": "a function"}


def test_every_file_that_the_page_names_is_served():
    page = client().get("/").get_data(as_text=True)
    names = re.findall(r'(?:src|href)="(page/[^"]+)"', page)
    assert len(names) >= 3 and all(client().get(f"/{name}").status_code == 200 for name in names)


def test_colours_can_be_read_in_light_and_dark():
    """WCAG's contrast of at least 4.5 between letters and what they stand on."""
    style = (room.PAGE / "page.css").read_text("utf-8")
    modes = re.findall(r":root \{(.*?)\}", style, re.S)
    assert len(modes) == 2
    for mode in modes:
        colour = dict(re.findall(r"--(\w+): (#\w{6})", mode))
        pairs = [(ink, paper) for ink in ("ink", "soft", "mark", "bad") for paper in ("paper", "panel")]
        for one, other in [*pairs, ("on", "mark")]:
            assert contrast(colour[one], colour[other]) >= 4.5, (one, other, colour)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours."""
    light = []
    for text in (one, other):
        values = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ (0.2126, 0.7152, 0.0722)))
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_a_drawn_scene_can_be_tried():
    answer = client().get("/drawn/3.png")
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    image = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image.shape == (480, 640) and image.std() > 10
    assert client().get(f"/drawn/{'9' * 5_000}.png").status_code == client().get("/drawn/x.png").status_code == 404


def test_visitors_at_the_same_time_get_their_own_answers():
    app, found = client().application, {}

    def visit(k):
        data = picture(20 + 10 * k, width=100 + 2 * k)
        found[k] = [app.test_client().post("/api/predict", **form(data)).get_json() for _ in range(5)]

    threads = [threading.Thread(target=visit, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, answers in found.items():
        assert {answer["width"] for answer in answers} == {100 + 2 * k}
        for answer in answers:
            happy = answer["faces"][0]["probabilities"]["happy"]
            assert happy == pytest.approx(0.9 * (20 + 10 * k) / 255, abs=0.02)
