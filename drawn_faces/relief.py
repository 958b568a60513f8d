"""The height of a face above the image plane: a head, then bumps and creases that action units and age move."""

import math

import cv2
import numpy as np

from .shape import DEPTH, Pose, Shape

#: Heights of the parts of an average face.
HEIGHTS = {
    "brow": 0.032,
    "socket": 0.1,
    "eyeball": 0.044,
    "inner corner": 0.04,
    "bridge": 0.029,
    "nose": 0.064,
    "tip": 0.033,
    "wing": 0.047,
    "cheek": 0.047,
    "raised cheek": 0.06,
    "fold": 0.006,
    "deep fold": 0.046,
    "muzzle": 0.042,
    "hollow": 0.011,
    "chin": 0.054,
}
AGE_WRINKLES = {"1-2": 0.0, "3-9": 0.0, "10-20": 0.08, "21-27": 0.2, "28-45": 0.45, "46-65": 0.75, "66-116": 1.2}


def bump(x: np.ndarray, y: np.ndarray, cx: float, cy: float, sx: float, sy: float, height: float = 1.0) -> np.ndarray:
    """A smooth hill at (cx, cy)."""
    u = x * (1 / sx)
    u -= cx / sx
    u *= u
    v = y * (1 / sy)
    v -= cy / sy
    v *= v
    u += v
    u *= -0.5
    np.exp(u, out=u)
    u *= height
    return u


def crease(x: np.ndarray, y: np.ndarray, a: tuple, b: tuple, bow: float, width: float, height: float) -> np.ndarray:
    """A smooth ridge from a to b (mostly downwards), bowed to the side by `bow`, fading at both ends."""
    s = y * (1 / (b[1] - a[1]))
    s -= a[1] / (b[1] - a[1])
    at = (4 * bow + b[0] - a[0]) * s
    at -= 4 * bow * s * s
    at -= x
    at += a[0]
    at *= 1 / width
    at *= at
    s -= 0.5
    s *= s
    s *= s
    s *= 12  # fades beyond the ends: (2 (s - 1/2))^4
    at += s
    at *= -0.5
    np.exp(at, out=at)
    at *= height
    return at


def height(p: dict, s: Shape, x: np.ndarray, y: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Height of the bare head at each pixel, in face space; `wide` is the head's half width at each pixel's height."""
    a = np.abs(x)
    wrinkles = AGE_WRINKLES[p["age_group"]] * p["lines"]
    old = max(0.0, wrinkles - 0.3)
    r = a / wide
    np.minimum(r, 0.985, out=r)
    z = DEPTH * np.sqrt(1 - r * r) - 0.16 * np.clip(-y - 0.3, 0, 1) ** 2 - 0.10 * np.clip(y - 0.2, 0, 1) ** 2
    robust, smile, frown = p["robust"], p["AU12"], p["AU15"]
    # brow ridge, sockets, eyeballs
    brow_y = float(s.brow[:, 1].mean())
    z += bump(a, y, 0.28, brow_y + 0.02, 0.17, 0.06, HEIGHTS["brow"] + 0.03 * robust + 0.02 * p["AU4"])
    z -= bump(a, y, s.eye_x - 0.04, s.eye_y - 0.02, 0.14, 0.075, HEIGHTS["socket"] + 0.03 * robust)
    z += bump(a, y, s.eye_x, s.eye_y, 0.09, 0.065, HEIGHTS["eyeball"])
    z -= bump(a, y, 0.17, s.eye_y, 0.05, 0.07, HEIGHTS["inner corner"])
    # nose: bridge, tip, wings
    bridge = np.clip((y - (s.eye_y - 0.12)) / (s.nose_y - s.eye_y + 0.12), 0, 1)
    below = np.clip((y - (s.nose_y + 0.04)) / 0.022, -20, 20)
    across = x / (0.045 + 0.045 * p["nose_width"] * bridge)
    nose = HEIGHTS["bridge"] * np.sqrt(bridge) + HEIGHTS["nose"] * bridge
    z += p["nose_height"] * nose * np.exp(across * across * -0.5) / (1 + np.exp(below))
    z += bump(x, y, 0, s.nose_y - 0.01, 0.06, 0.05, HEIGHTS["tip"])
    z += bump(a, y, s.nose_w - 0.03, s.nose_y, 0.038, 0.042, HEIGHTS["wing"])
    # cheeks and the fold beside the mouth
    lift = max(p["AU6"], 0.6 * smile)
    z += bump(
        a,
        y,
        0.40,
        0.14 - 0.07 * lift,
        0.14,
        0.11 - 0.02 * lift,
        HEIGHTS["cheek"] * p["cheek"] + HEIGHTS["raised cheek"] * lift,
    )
    fold = (
        HEIGHTS["fold"] + HEIGHTS["deep fold"] * (smile + max(p["AU9"], p["AU10"])) + 0.012 * frown + 0.018 * wrinkles
    )
    start, stop, bow = s.fold
    z -= crease(a, y, start, stop, bow, 0.045, fold)
    z += crease(a, y, (start[0] + 0.07, start[1]), (stop[0] + 0.07, stop[1]), 0.05, 0.05, 0.6 * fold)
    corner = s.corner
    sag = 0.02 * frown + 0.02 * old
    if sag > 0.002:
        z -= crease(a, y, corner, (corner[0] + 0.05, max(s.chin - 0.15, corner[1] + 0.05)), 0, 0.03, sag)
    # mouth, chin, the hollows between
    z += bump(x, y, 0, corner[1], 0.26, 0.16, HEIGHTS["muzzle"])
    under = float(s.lip_outer_low[:, 1].max())
    z -= bump(x, y, 0, under + 0.035, 0.15, 0.028, HEIGHTS["hollow"] + 0.03 * p["AU17"])
    z += bump(x, y, 0, s.chin - 0.11, 0.14, 0.075, HEIGHTS["chin"] + 0.04 * p["AU17"])
    z -= bump(x, y, 0, s.nose_y + 0.13, 0.022, 0.06, 0.012)
    # creases: forehead (AU1, AU2), between the brows (AU4), nose (AU9), under the eye, crow's feet
    lines = 0.0035 * (p["AU1"] + p["AU2"]) + 0.0045 * wrinkles
    if lines > 1e-3:
        z += bump(x, y, 0, brow_y - 0.22, 0.30, 0.10, lines) * np.sin(
            (y + 0.10 * x * x - brow_y) * (2 * math.pi / 0.085)
        )
    knit = p["AU4"] + 0.2 * old
    if knit > 0.02:
        z -= bump(a, y, 0.045, s.eye_y - 0.14, 0.014, 0.06, 0.030 * knit)
        z += bump(x, y, 0, s.eye_y - 0.14, 0.03, 0.05, 0.020 * knit)
    if p["AU9"] > 0.02:
        z += bump(a, y, 0.06, s.eye_y + 0.07, 0.07, 0.08, 0.022 * p["AU9"]) * np.sin(
            (y - 0.5 * a) * (2 * math.pi / 0.10)
        )
    bag = 0.006 + 0.02 * p["AU6"] + 0.012 * p["AU7"] + 0.014 * old
    sideways = a - s.eye_x
    arc = y + 0.9 * sideways * sideways
    z -= bump(sideways, arc, 0, s.eye_y + 0.085 - 0.02 * p["AU6"], 0.10, 0.013, bag)
    feet = 0.008 * p["AU6"] + 0.006 * old
    if feet > 1e-3:
        z += bump(a, y, s.eye_x + 0.22, s.eye_y + 0.02, 0.05, 0.07, feet) * np.sin((y - s.eye_y) * (2 * math.pi / 0.06))
    return z


def shade(p: dict, q: Pose, z: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Light that reaches each pixel of the relief: a sun with soft shadows, and an ambient sky."""
    step = 2 / (q.size * q.scale)
    tall = y * q.pitch[1] + q.pitch[0] * (z * q.yaw[0] - x * q.yaw[1])
    tall = cv2.GaussianBlur(tall, (0, 0), max(0.6, q.size / 96 * 0.7))
    gx = cv2.Sobel(tall, cv2.CV_32F, 1, 0, scale=0.125 / step)
    gy = cv2.Sobel(tall, cv2.CV_32F, 0, 1, scale=0.125 / step)
    norm = 1 / np.sqrt(1 + gx * gx + gy * gy)
    lx, ly, lz = p["light_x"], p["light_y"], 0.75
    length = math.sqrt(lx * lx + ly * ly + lz * lz)
    lx, ly, lz = lx / length, ly / length, lz / length
    direct = np.maximum((lz - gx * lx - gy * ly) * norm, 0)
    # shadows and hollows are soft: half the pixels are enough
    small = cv2.resize(tall, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    flat = math.hypot(lx, ly) + 1e-6
    reach = 0.5 / (flat * step)
    dark = np.zeros_like(small)
    for far in (0.04, 0.08, 0.14, 0.22, 0.34):
        ahead = shift(small, lx * far * reach, ly * far * reach)
        ahead -= small
        ahead -= far * lz / flat
        ahead *= 1 / (0.05 + 0.35 * far)
        np.maximum(dark, ahead, out=dark)
    dark = np.minimum(dark, 0.70)
    dark += 0.15 * (dark > 0)
    hollow = cv2.GaussianBlur(small, (0, 0), q.size * 0.035 / 2)
    hollow -= small
    np.clip(1 - 4.0 * hollow, 0.25, 1.2, out=hollow)
    wide = tall.shape[::-1]
    direct *= 1 - cv2.resize(dark, wide, interpolation=cv2.INTER_LINEAR)
    ambient = (0.75 + 0.25 * gy * norm) * cv2.resize(hollow, wide, interpolation=cv2.INTER_LINEAR)
    soft = p["light_softness"]
    return (1 - soft) * 1.25 * direct + soft * ambient


def shift(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """What lies (dx, dy) pixels away, the border repeated."""
    move = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
    h, w = image.shape
    return cv2.warpAffine(image, move, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
