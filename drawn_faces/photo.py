"""What surrounds a face, and what the camera does: background, things in the way, contrast, noise, JPEG."""

import cv2
import numpy as np

from .paint import SUB, cover, stretch

SHARPEN = 0.6  # how strongly the camera sharpens edges


def backdrop(p: dict, size: int, rng: np.random.Generator) -> np.ndarray:
    """The background as the camera sees it (0-1): plain, shaded, or blotched."""
    line = np.linspace(-1, 1, size, dtype=np.float32)
    tilt = (0.15 * rng.standard_normal(2)).tolist()
    coarse, fine = rng.standard_normal((4, 4), dtype=np.float32), rng.standard_normal((9, 9), dtype=np.float32)
    value = tilt[0] * line[None, :] + (tilt[1] * line[:, None] + p["background"])
    if p["background_texture"] > 0:
        value += p["background_texture"] * (stretch(coarse, size) + 0.5 * stretch(fine, size))
    return np.clip(value, 0, 1, out=value)


def capsule(canvas: np.ndarray, a: np.ndarray, b: np.ndarray, radius: float) -> np.ndarray:
    """A rounded bar from a to b (pixels), drawn into a 0-1 mask."""
    across = np.array([a[1] - b[1], b[0] - a[0]]) / (np.hypot(*(b - a)) + 1e-6) * radius
    angle = np.arctan2(across[1], across[0])
    turn = np.linspace(0, np.pi, 9)
    start = a + radius * np.stack([np.cos(angle + turn), np.sin(angle + turn)], 1)
    stop = b + radius * np.stack([np.cos(angle + np.pi + turn), np.sin(angle + np.pi + turn)], 1)
    points = np.round((np.concatenate([start, stop]) - 0.5) * (1 << SUB)).astype(np.int32)
    cv2.fillPoly(canvas, [points], 255, cv2.LINE_AA, SUB)
    return canvas


def occluder(p: dict, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What is in the way: its mask, and its relative brightness at each pixel."""
    kind, x, y = p["occluder"], p["occluder_x"], p["occluder_y"]
    z = rng.standard_normal(12)
    mask = np.zeros((size, size), np.uint8)
    tint = np.ones((size, size), np.float32)
    unit = size / 2
    if kind == "hand":
        side = 1 if x > 0 else -1
        root = np.array([1 + side * (0.70 + 0.2 * abs(x)), 1.45 + 0.35 * y])
        along = np.array([-side * (0.35 + 0.15 * z[0]), -1.0])
        along /= np.hypot(*along)
        across = np.array([-along[1], along[0]])
        for k, long in enumerate((0.55, 0.68, 0.72, 0.62)):
            start = root + across * 0.17 * (k - 1.5)
            finger = capsule(np.zeros_like(mask), start * unit, (start + along * long) * unit, 0.088 * unit)
            round_ = cv2.GaussianBlur(finger, (0, 0), 0.05 * unit) * np.float32(1 / 255)
            tint = np.where(finger > 127, 0.25 + 0.85 * round_, tint)
            mask = np.maximum(mask, finger)
        palm = capsule(np.zeros_like(mask), root * unit, (root - along * 0.6) * unit, 0.36 * unit)
        mask = np.maximum(mask, palm)
    elif kind == "object":
        a = np.array([1 + 0.9 * x, 1.1 + 0.75 * y]) * unit
        b = a + np.array([np.cos(3 * z[0]), np.sin(3 * z[0])]) * (0.5 + 0.2 * abs(z[1])) * unit
        capsule(mask, a, b, (0.12 + 0.05 * abs(z[2])) * unit)
    elif kind == "strand":
        for k in range(3):
            a = np.array([1 + 0.5 * x + 0.05 * k, -0.1]) * unit
            b = np.array([1 + 0.75 * x + 0.15 * z[k], 1.3 + 0.4 * y + 0.1 * z[k + 3]]) * unit
            capsule(mask, a, b, 0.018 * unit)
    elif kind == "caption":
        place = (int((0.1 + 0.3 * abs(x)) * unit), int((1.2 + 0.6 * y) * unit))
        cv2.putText(
            mask, "seven faces", place, cv2.FONT_HERSHEY_SIMPLEX, size / 130, 255, max(1, size // 70), cv2.LINE_AA
        )
        mask = mask // 2
    return mask.astype(np.float32) / 255, tint


def add_occluder(p: dict, scene: np.ndarray, tone: float, rng: np.random.Generator) -> None:
    """What is in the way, over the scene, in place, with the shadow that it casts."""
    mask, tint = occluder(p, len(scene), rng)
    if p["occluder"] == "caption":
        cover(scene, mask, 0.75)
        return
    thing = {"hand": tone * 0.75 * p["exposure"], "object": p["clothes"] ** 2}.get(p["occluder"], 0.02)
    scene *= 1 - 0.45 * cv2.GaussianBlur(mask, (0, 0), 0.06 * len(scene))
    cover(scene, mask, thing * tint * p["light_level"])


def develop(p: dict, light: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """From light (linear, any resolution) to a grey photograph of `size` pixels."""
    grey = np.sqrt(np.maximum(light, 0))
    grey -= 0.45
    grey *= p["contrast"]
    grey += 0.45
    if p["vignette"] > 0.01:
        line = np.linspace(-1, 1, len(light), dtype=np.float32) ** 2
        grey *= 1 - (0.5 * p["vignette"] * line[None, :] + 0.5 * p["vignette"] * line[:, None])
    bright = np.maximum(grey - 0.72, 0)  # highlights roll off
    grey -= bright * bright / (0.30 + bright)
    if len(light) != size:
        grey = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    grey += SHARPEN * (grey - cv2.GaussianBlur(grey, (0, 0), size / 48))  # as every camera does
    sigma = p["blur"] * size / 48
    if sigma > 0.25:
        grey = cv2.GaussianBlur(grey, (0, 0), sigma)
    grain = rng.standard_normal((size, size), dtype=np.float32)
    grain *= p["noise"]
    grain += grey * 255 + 0.5
    image = np.clip(grain, 0, 255, out=grain).astype(np.uint8)
    if p["jpeg"] < 100:
        coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(p["jpeg"])])[1]
        image = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return image
