"""The page behind its server: this machine only, nothing on the disk, slow work in nobody's way. SOAK=1 for load."""

import contextlib
import http.client
import json
import os
import resource
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
import requests

import drawn_faces
from faceapp import web
from faceapp.web import heatmaps, serving
from faceapp.web.__main__ import main
from helpers.files import CourseError

from .faceapp_world import predictor
from .hostile import encoded
from .web_world import GOOD, REFUSED, bad_upload, picture, ramp, seen

SOAK = bool(os.environ.get("SOAK"))


@pytest.fixture(autouse=True)
def quick_heatmaps(monkeypatch):
    monkeypatch.setattr(heatmaps, "occlusion", ramp)


@pytest.fixture
def page():
    with web.serve(predictor(detector=seen), port=0) as made:
        yield made


def post(page, data: bytes, address: str = "api/predict", name: str = "x.png", **fields):
    return requests.post(page.url + address, files={"image": (name, data)}, data=fields, timeout=60)


def test_it_serves_this_machine_and_stops(page):
    assert page.url.startswith("http://127.0.0.1:") and page.port > 0 and page.url in repr(page)
    assert requests.get(page.url, timeout=10).text.startswith("<!DOCTYPE html>")
    answer = post(page, picture())
    assert answer.status_code == 200 and len(answer.json()["faces"]) == 1 and "Server" not in answer.headers
    for port, reason in ((page.port, "in use"), (99_999, "port")):
        with pytest.raises(CourseError, match=rf"{reason}.*another port"):
            web.serve(predictor(), port=port)


def test_a_stopped_page_frees_its_port_its_threads_and_open_connections():
    page = web.serve(predictor(detector=seen), port=0)
    browser = requests.Session()
    assert browser.get(page.url + "healthz", timeout=5).json()["status"] == "ok", "the connection stays open"
    begun = time.monotonic()
    page.stop()
    page.stop()
    assert "stopped" in repr(page) and time.monotonic() - begun < 3
    with pytest.raises(requests.ConnectionError):
        requests.get(page.url, timeout=5)
    with web.serve(predictor(detector=seen), port=page.port) as again:
        assert browser.get(again.url + "healthz", timeout=5).status_code == 200
    assert not [
        thread.name for thread in threading.enumerate() if "waitress" in thread.name or "faceapp" in thread.name
    ]


def test_a_page_whose_network_is_missing_frees_its_port():
    def missing(batch):
        raise CourseError("No weights here.")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(CourseError, match="No weights"):
        web.serve(predictor(model=missing), port=port)
    web.serve(predictor(), port=port).stop()


@pytest.mark.parametrize("megabytes", [10.2, 25])
def test_too_large_a_request_gets_a_reason(page, megabytes):
    answer = post(page, bytes(int(megabytes * 2**20)))
    assert answer.status_code == 413 and "over 10 MB" in answer.json()["error"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert post(page, picture()).status_code == 200


@pytest.mark.parametrize("chunked", [True, False])
def test_far_too_much_is_cut_off(page, chunked):
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000000"
    piece = b"10000\r\n" + bytes(65536) + b"\r\n" if chunked else bytes(65536)
    sent = 0
    with socket.create_connection((page.host, page.port), 20) as connection:
        connection.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n")
        with contextlib.suppress(OSError):
            while sent < 90 * 2**20:
                connection.sendall(piece)
                sent += 65536
    assert sent < 60 * 2**20
    assert post(page, picture()).status_code == 200


def test_large_uploads_never_touch_the_disk(page, monkeypatch):
    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, lambda *a, **k: pytest.fail("a temporary file"))
    noise = encoded(np.random.default_rng(0).integers(0, 256, (1_500, 1_500, 3), dtype=np.uint8))
    assert 6 * 10**6 < len(noise) < 10**7
    assert post(page, noise).status_code == 200


def test_a_slow_heatmap_does_not_hold_up_predictions(page, monkeypatch):
    go = threading.Event()

    def slow(predictor, crop, code):
        go.wait(30)
        return ramp(predictor, crop, code)

    monkeypatch.setattr(heatmaps, "occlusion", slow)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(page, picture(), "api/explain"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while len(answers) < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sorted(answer.status_code for answer in answers) == [503] * 8, "one is made, three wait"
    assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
    begun = time.monotonic()
    for _ in range(10):
        assert post(page, picture()).status_code == 200
    assert time.monotonic() - begun < 15, "while all heatmaps stand still"
    go.set()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [503] * 8


def test_uploads_that_fill_the_memory_are_sent_away(page, monkeypatch):
    """All requests together have a bound; what others hold back does not stop small ones."""
    monkeypatch.setattr(serving, "MOST_HELD", 3 * 2**20)
    head = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
    with contextlib.ExitStack() as lines:
        held = [lines.enter_context(socket.create_connection((page.host, page.port), 20)) for _ in range(3)]
        for line in held:
            line.sendall(head + bytes(2**20 + 2**17))
        refused, _, _ = select.select(held, [], [], 20)
        answer = refused[0].recv(2**16)
        assert requests.get(page.url + "healthz", timeout=20).status_code == 200
    assert answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 5" in answer and b"nosniff" in answer
    assert post(page, picture()).status_code == 200


def test_a_request_must_be_whole_in_time(monkeypatch):
    """However its bytes trickle in; and a connection that says nothing ends, too."""
    monkeypatch.setattr(serving, "WHOLE", 1)
    with web.serve(predictor(detector=seen), port=0) as page, contextlib.ExitStack() as lines:
        slow, silent = (lines.enter_context(socket.create_connection((page.host, page.port), 20)) for _ in range(2))
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 200:
                slow.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - begun < 20
        silent.settimeout(20)
        assert silent.recv(1) == b""


def test_a_page_for_others_answers_to_its_names(monkeypatch, capsys):
    with web.serve(predictor(detector=seen), host="0.0.0.0", port=0, names=("Page.example",)) as page:
        assert "asks for no password" in capsys.readouterr().out
        for host, status in (("page.example", 200), ("192.168.7.7:80", 200), ("evil.example", 403)):
            answer = requests.get(f"http://127.0.0.1:{page.port}/healthz", headers={"Host": host}, timeout=20)
            assert answer.status_code == status, host
    monkeypatch.setattr(serving.environment, "where", lambda: "colab")  # its own proxy stands in front
    with web.serve(predictor(detector=seen), port=0) as page:
        assert requests.get(page.url, headers={"Host": "any.example"}, timeout=20).status_code == 200


def test_garbage_on_the_line_does_not_stop_it(page):
    head = b"POST /api/predict HTTP/1.1\r\nHost: x\r\n"
    multipart = head + b"Content-Type: multipart/form-data; boundary=x\r\n"
    for said in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 50_000,
        head + b"Content-Length: -5\r\n\r\n", head + b"Content-Length: nine\r\n\r\n", head + b"X: " + b"y" * 40_000,
        multipart + b"Content-Length: 9000\r\n\r\nshort", multipart + b"Content-Length: 4\r\n\r\n--x-",
        head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", head + b"Content-Length: 99999999999999\r\n\r\n",
    ):  # fmt: skip
        with socket.create_connection((page.host, page.port), 5) as s:
            s.sendall(said)
            s.settimeout(0.3)
            try:
                answer = s.recv(2_000)
            except OSError:
                answer = b""
            assert not answer or answer.startswith(b"HTTP/1."), said[:60]
            assert b" 500 " not in answer and b"Traceback" not in answer
    assert post(page, picture()).status_code == 200


def test_bad_uploads_are_refused_in_a_sentence(page):
    """30 of them here, 300 with SOAK=1: no 500, no hang, memory bounded."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counted: dict[int, int] = {}
    session = requests.Session()
    for seed in range(300 if SOAK else 30):
        data, name = bad_upload(seed)
        address = page.url + ("api/explain" if seed % 7 == 0 else "api/predict")
        begun = time.monotonic()
        answer = session.post(address, files={"image": (name, data, "image/png")}, timeout=30)
        assert time.monotonic() - begun < 20, f"seed {seed}"
        assert answer.status_code in (GOOD, *REFUSED), f"seed {seed}: {answer.status_code} {answer.text[:200]}"
        if answer.status_code != GOOD:
            assert len(answer.json()["error"]) > 20, f"seed {seed}"
        counted[answer.status_code] = counted.get(answer.status_code, 0) + 1
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 900
    assert counted.get(415, 0) > 5 and counted.get(413, 0) >= 1
    print(counted)


def test_from_the_command_line(capsys):
    """A sentence and a status where it cannot start; --help says how to use it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        command = [sys.executable, "-m", "faceapp.web", "--port", str(s.getsockname()[1])]
        taken = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert taken.returncode == 1 and "another port" in taken.stderr and "Traceback" not in taken.stderr
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0 and "/api/predict" in capsys.readouterr().out


@pytest.mark.skipif(not SOAK, reason="SOAK=1 for 8 clients during 30 s")
def test_under_load(monkeypatch):
    """The course's own net and detector, 8 clients for 30 s, one of them asking for heatmaps: all right, and its p95."""
    monkeypatch.undo()
    scenes = [
        encoded(drawn_faces.scene(1, seed=k, yaw=0, pitch=0, roll=0, light_level=0.9).image, "JPEG") for k in range(8)
    ]
    with web.serve(port=0) as page:
        expected = [post(page, scene).json() for scene in scenes]
        took, wrong, end = [], [], time.monotonic() + 30

        def visit(k):
            connection = http.client.HTTPConnection(page.host, page.port, timeout=60)
            body = requests.Request("POST", page.url, files={"image": ("x.jpg", scenes[k])}).prepare()
            while time.monotonic() < end:
                begun = time.monotonic()
                connection.request("POST", "/api/predict", body.body, dict(body.headers))
                answer = connection.getresponse()
                found = json.loads(answer.read())
                took.append(time.monotonic() - begun)
                if answer.status not in (200, 422) or not alike(found, expected[k]):
                    wrong.append((k, answer.status, found))

        threads = [threading.Thread(target=visit, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        while time.monotonic() < end:
            assert post(page, scenes[0], "api/explain").status_code in (200, 422, 501, 503)
        for thread in threads:
            thread.join()
    p95 = 1000 * statistics.quantiles(took, n=20)[-1]
    print(f"{len(took)} requests in 30 s, p95 {p95:.0f} ms, {len(wrong)} wrong")
    assert not wrong and len(took) > 50


def alike(found: dict, expected: dict) -> bool:
    """The same faces, and the same probabilities but for rounding."""
    faces = list(zip(found.get("faces", []), expected.get("faces", []), strict=False))
    same = all(a["box"] == b["box"] for a, b in faces) and found.get("error") == expected.get("error")
    return same and all(abs(a["probabilities"][n] - p) < 1e-3 for a, b in faces for n, p in b["probabilities"].items())
