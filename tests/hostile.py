"""Makes bad picture files and bad archives, by code, for the tests: nothing here comes from a person or a network."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from helpers import CLASSES


def face(seed: int = 0, side: int = 48) -> np.ndarray:
    """A grey picture, quite different for every seed: two eyes and a mouth on blotches and a slope of light."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    blotches = np.kron(random.normal(0, 30, (8, 8)), np.ones((-(-side // 8),) * 2))[:side, :side]
    image = (
        120
        + 30 * (x * random.uniform(-1, 1) + y * random.uniform(-1, 1))
        + blotches
        + random.normal(0, 4, (side, side))
    )
    for cx, cy, r in ((0.32, 0.4, 0.07), (0.68, 0.4, 0.07), (0.5, random.uniform(0.7, 0.8), 0.12)):
        image[(x - cx) ** 2 + (y - cy) ** 2 < r**2] -= random.uniform(40, 90)
    return np.clip(image, 0, 255).astype(np.uint8)


def encoded(image, kind: str = "PNG", **options) -> bytes:
    """The bytes of a picture in a format."""
    out = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(out, kind, **options)
    return out.getvalue()


def class_folders(root: Path, counts: dict[str, dict[str, int]], kind: str = "PNG") -> Path:
    """Folders of different drawn pictures: {"train": {"angry": 3, ...}, ...}; a split "" puts the classes at the root."""
    seed = 0
    for split, classes in counts.items():
        for name, n in classes.items():
            folder = root / split / name
            folder.mkdir(parents=True, exist_ok=True)
            for _ in range(n):
                (folder / f"{seed:05d}.{kind.lower()}").write_bytes(encoded(face(seed), kind))
                seed += 1
    return root


def whole(n: int = 4) -> dict[str, dict[str, int]]:
    """Counts for `class_folders`: train, validation and test with n of each class."""
    return {split: dict.fromkeys(CLASSES, n) for split in ("train", "validation", "test")}


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG by hand, whose header may promise more pixels than it has."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Files that are no usable pictures: name -> (bytes, the reason that they are set aside with)."""
    jpeg, flat = encoded(face(1), "JPEG"), encoded(face(2))
    return {
        "empty.jpg": (b"", "empty file"),
        "truncated.jpg": (jpeg[: len(jpeg) // 2], "truncated"),
        "truncated.png": (flat[: len(flat) // 2], "truncated"),
        "header_only.jpg": (jpeg[:30], "truncated"),
        "text.jpg": (b"this is not a picture at all\n" * 20, "not a picture"),
        "page.jpg": (b"<!DOCTYPE html><html>404</html>", "not a picture"),
        "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        "video.png": (b"\0\0\0\x20ftypmp42" + bytes(100), "not a picture"),
        "postscript.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "not a picture"),
        "zip.jpg": (b"PK\x03\x04" + bytes(60), "not a picture"),
        "bomb.png": (png(60_000, 60_000), "too large"),
        "wide.png": (png(2_000_000, 30), "too large"),
        "lies.png": (png(4_000, 4_000, b"\0" * 50), "truncated"),
        "broken.png": (flat[:60] + bytes(8) + flat[68:], "damaged"),
        "noise.gif": (b"GIF89a" + bytes(range(200)), "not a picture"),
    }


def odd_files(image: np.ndarray) -> dict[str, bytes]:
    """Good pictures in unusual dress, all of which show `image` (grey, upright) as nearly as their format allows."""
    grey = Image.fromarray(image)
    rgb = grey.convert("RGB")
    clear = rgb.convert("RGBA")
    clear.putalpha(255)
    held = grey.transpose(Image.Transpose.ROTATE_90)  # the camera was turned; EXIF 6 says how to turn it back
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [rgb, Image.fromarray(255 - image).convert("RGB")]
    sixteen = Image.fromarray(image.astype(np.uint16) * 257)
    return {
        "plain.png": encoded(grey),
        "plain.jpg": encoded(grey, "JPEG", quality=95),
        "upper.JPG": encoded(grey, "JPEG", quality=95),
        "progressive.jpg": encoded(grey, "JPEG", quality=95, progressive=True),
        "colour.jpg": encoded(rgb, "JPEG", quality=95),
        "really_png.jpg": encoded(grey),
        "really_jpeg.png": encoded(grey, "JPEG", quality=95),
        "trailing.jpg": encoded(grey, "JPEG", quality=95) + b"\0\0trailing",
        "cmyk.jpg": encoded(rgb.convert("CMYK"), "JPEG", quality=95),
        "sixteen.png": encoded(sixteen),
        "sixteen.tif": encoded(sixteen, "TIFF"),
        "float.tif": encoded(Image.fromarray(image.astype(np.float32) / 255), "TIFF"),
        "integer.tif": encoded(Image.fromarray(image.astype(np.int32)), "TIFF"),
        "alpha.png": encoded(clear),
        "grey_alpha.png": encoded(clear.convert("LA")),
        "palette.png": encoded(rgb.quantize(256)),
        "palette_clear.png": encoded(rgb.quantize(255), transparency=255),
        "palette.gif": encoded(grey, "GIF"),
        "rotated.jpg": encoded(held, "JPEG", quality=95, exif=exif),
        "rotated.png": encoded(held, exif=exif),
        "moving.gif": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100),
        "moving.png": encoded(frames[0], save_all=True, append_images=frames[1:]),
        "moving.webp": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True),
        "pages.tif": encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        "plain.bmp": encoded(grey, "BMP"),
        "plain.webp": encoded(rgb, "WEBP", lossless=True),
        "plain.pgm": encoded(grey, "PPM"),
        "two_shots.jpg": encoded(rgb, "MPO", save_all=True, append_images=frames[1:], quality=95),
    }


def junk(root: Path) -> int:
    """Litters a folder with what computers leave behind; returns how many files that is."""
    litter = [
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "train/.DS_Store",
        "train/angry/Thumbs.db",
        "train/angry/._00001.png",
    ]
    litter += [
        "train/angry/notes.txt",
        "train/happy/.hidden.png",
        "__MACOSX/x.png",
        "README.md",
        "train/angry/clip.mp4",
    ]
    for name in litter:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(face(9)) if name.endswith(".png") else b"junk")
    return len(litter)


def zipped(folder: Path, path: Path) -> Path:
    """A folder as a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def climbing(path: Path, name: str) -> Path:
    """Adds to a zip an entry whose name leads out of the folder that it is unpacked in."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), encoded(face(2)))
    return path


def bomb(path: Path, megabytes: int = 65) -> Path:
    """A small zip that would unfold into a thousand times its size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/angry/1.png", bytes(megabytes << 20))
    return path


def encrypted(path: Path, folder: Path) -> Path:
    """A zip whose first picture claims to be encrypted, and one that is a link."""
    zipped(folder, path)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("train/angry/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/hostname")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = next(entry for entry in archive.infolist() if entry.filename.endswith(".png"))
        name = first.filename.encode()
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name)] != name:
        at = data.index(b"PK\x01\x02", at + 4)
    data[at + 8] |= 1  # the general purpose flag of its entry in the directory
    path.write_bytes(data)
    return path


def decoded(path: Path) -> np.ndarray:
    """The pixels of a picture file, by Pillow alone."""
    return np.asarray(Image.open(path))
