"""What the tests of faces and videos share: a predictor that needs no network, small videos, and bad ones."""

from __future__ import annotations

import pathlib
import struct

import cv2
import numpy as np

import faceapp
from helpers import CLASSES

BAD = ("empty", "text", "truncated", "no frames", "wrong name", "directory", "huge", "damaged", "noise", "picture",
       "one frame", "odd", "sizes", "playlist", "headless")  # fmt: skip


def brightness(batch: np.ndarray) -> np.ndarray:
    """A network of sorts: bright faces are happy, dark ones sad."""
    light = np.asarray(batch, np.float32).mean((1, 2, 3)) / 255
    found = np.full((len(batch), len(CLASSES)), 0.02, np.float32)
    found[:, CLASSES.index("happy")] = 0.9 * light
    found[:, CLASSES.index("sad")] = 0.9 * (1 - light)
    return found


def middle(image: np.ndarray) -> list[tuple]:
    """A detector of sorts: one face, in the middle half of every picture."""
    height, width = image.shape[:2]
    return [(width // 4, height // 4, max(1, width // 2), max(1, height // 2))]


def predictor(**options) -> faceapp.Predictor:
    return faceapp.Predictor(**{"model": brightness, "detector": middle} | options)


def moving(n: int = 20, width: int = 160, height: int = 120) -> np.ndarray:
    """Frames (n, height, width, 3) that grow brighter, red on the left and blue on the right."""
    frames = np.zeros((n, height, width, 3), np.uint8)
    frames[:, :, : width // 2, 0], frames[:, :, width // 2 :, 2] = 200, 200
    frames[..., 1] = np.linspace(0, 250, n).astype(np.uint8)[:, None, None]
    return frames


def filmed(path, frames: np.ndarray, fps: float = 12.5) -> pathlib.Path:
    """The frames as a video file."""
    with faceapp.video_writer(path, fps) as writer:
        for k, frame in enumerate(frames):
            writer.write(frame, k / fps)
    return pathlib.Path(path)


def turned(path: pathlib.Path, degrees: int) -> pathlib.Path:
    """The MP4 with the mark by which a phone says how it was held."""
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version 0: 40 bytes of flags, times, numbers; then the matrix
    data[at : at + 36] = struct.pack(">9i", cos << 16, sin << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(bytes(data))
    return path


def bad_video(folder: pathlib.Path, kind: str, seed: int) -> pathlib.Path:
    """A file or folder that somebody may take for a video."""
    rng = np.random.default_rng(seed)
    suffix = str(rng.choice([".mp4", ".avi", ".mkv"]))
    path = folder / f"{kind.replace(' ', '_')}_{seed}{suffix}"
    path = path.with_suffix(".avi") if kind == "huge" else path
    side = int(rng.integers(24, 90)) * 2
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is no video\n" * int(rng.integers(1, 500)))
    elif kind == "noise":
        path.write_bytes(rng.bytes(int(rng.integers(1, 60_000))))
    elif kind == "picture":
        path.write_bytes(cv2.imencode(".png", moving(1)[0])[1].tobytes())
    elif kind == "playlist":
        path.write_text(f"ffconcat version 1.0\nfile '{path.name}'\nfile '/etc/hostname'\n")
    elif kind == "no frames":
        cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 12, (side, side)).release()
        if not path.exists():
            path.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isom\0\0\0\x08moov")
    elif kind == "directory":
        path.mkdir()
        for name in ("notes.txt", "picture.png", "10.jpg")[: int(rng.integers(0, 4))]:
            (path / name).write_text("no picture")
    elif kind == "sizes":
        path.mkdir()
        for k in range(6):
            size = rng.integers(1, 200, 2).tolist()
            cv2.imwrite(str(path / f"{k}.png"), rng.integers(0, 256, (*size, 3), dtype=np.uint8))
        (path / "3.png").write_bytes(b"")
    elif kind == "one frame":
        filmed(path, moving(1, side, side))
    elif kind == "odd":
        filmed(path, moving(4, *(int(v) * 2 + 1 for v in rng.integers(8, 60, 2))))
    else:
        whole = filmed(path, moving(30, side, side)).read_bytes()
        path.write_bytes(spoiled(whole, kind, rng))
        if kind == "wrong name":
            path = path.rename(path.with_suffix(str(rng.choice([".mp4", ".webm", ".txt", ".jpg"]))))
    return path


def spoiled(data: bytes, kind: str, rng) -> bytes:
    """A whole video file with something wrong in it."""
    if kind == "truncated":
        return data[: int(rng.integers(1, len(data)))]
    if kind == "headless":
        return data[int(rng.integers(1, len(data))) :]
    if kind == "damaged":
        spoilt = np.frombuffer(data, np.uint8).copy()
        spoilt[rng.integers(0, len(spoilt), max(1, len(spoilt) // 50))] = rng.integers(0, 256)
        return spoilt.tobytes()
    if kind == "huge":
        spoilt, wide = bytearray(data), int(rng.choice([8_000, 30_000, 65_500]))
        for mark, at, code in ((b"strf", 12, "<2i"), (b"avih", 40, "<2i"), (b"\xff\xc0", 5, ">2H")):
            place = spoilt.find(mark)
            while 0 <= place < len(spoilt) - at - 8:
                struct.pack_into(code, spoilt, place + at, wide, wide)
                place = spoilt.find(mark, place + 1)
        return bytes(spoilt)
    return data
