"""The height of a face above the image plane: a head, then bumps and creases that action units and age move."""

import cv2
import numpy as np

from .shape import DEPTH, Pose, Shape, outline

AGE_WRINKLES = {"1-2": 0.0, "3-9": 0.0, "10-20": 0.05, "21-27": 0.12, "28-45": 0.35, "46-65": 0.75, "66-116": 1.2}


def bump(x: np.ndarray, y: np.ndarray, cx: float, cy: float, sx: float, sy: float) -> np.ndarray:
    """A smooth hill of height 1 at (cx, cy)."""
    return np.exp(((x - cx) / sx) ** 2 * -0.5 + ((y - cy) / sy) ** 2 * -0.5)


def line(x: np.ndarray, y: np.ndarray, a: tuple, b: tuple, bow: float, width: float) -> np.ndarray:
    """A smooth crease of height 1 from a to b (mostly downwards), bowed to the side by `bow`."""
    s = np.clip((y - a[1]) / (b[1] - a[1]), -0.3, 1.3)
    at = a[0] + (b[0] - a[0]) * s + bow * 4 * s * (1 - s)
    ends = np.clip(4 * (s + 0.15), 0, 1) * np.clip(4 * (1.15 - s), 0, 1)
    return np.exp(((x - at) / width) ** 2 * -0.5) * ends


def height(p: dict, s: Shape, x: np.ndarray, y: np.ndarray, lips: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Height at each pixel, in face space. `lips` and `hole` are soft masks of the lips and of the open mouth."""
    a = np.abs(x)
    wrinkles = AGE_WRINKLES[p["age_group"]]
    old = max(0.0, wrinkles - 0.3)
    r = np.clip(a / outline(s, y), 0, 0.985)
    z = DEPTH * np.sqrt(1 - r * r) - 0.16 * np.clip(-y - 0.3, 0, 1) ** 2 - 0.10 * np.clip(y - 0.2, 0, 1) ** 2
    robust = p["robust"]
    # brow ridge, sockets, eyeballs
    brow_y = float(s.brow[:, 1].mean())
    z += (0.025 + 0.03 * robust + 0.02 * p["AU4"]) * bump(a, y, 0.28, brow_y + 0.02, 0.17, 0.06)
    z -= (0.075 + 0.02 * robust) * bump(a, y, s.eye_x - 0.04, s.eye_y - 0.02, 0.14, 0.075)
    z += 0.045 * bump(a, y, s.eye_x, s.eye_y, 0.09, 0.065)
    # nose: bridge, tip, wings
    bridge = np.clip((y - s.eye_y + 0.12) / (s.nose_y - s.eye_y + 0.12), 0, 1)
    end = 1 / (1 + np.exp((y - s.nose_y - 0.035) / 0.016))
    wide = 0.045 + 0.045 * bridge * p["nose_width"]
    z += p["nose_height"] * (0.03 + 0.15 * bridge**1.3) * np.exp(-0.5 * (x / wide) ** 2) * end * (bridge > 0)
    z += 0.05 * bump(x, y, 0, s.nose_y - 0.01, 0.06, 0.05)
    z += 0.06 * bump(a, y, s.nose_w - 0.03, s.nose_y + 0.0, 0.038, 0.042)
    # cheeks and the fold beside the mouth
    smile, sneer = p["AU12"], max(p["AU9"], p["AU10"])
    lift = max(p["AU6"], 0.6 * smile)
    z += (0.035 * p["cheek"] + 0.05 * lift) * bump(a, y, 0.40, 0.14 - 0.07 * lift, 0.14, 0.11 - 0.02 * lift)
    corner = s.lip_outer_up[-1]
    fold = 0.012 + 0.05 * smile + 0.05 * sneer + 0.02 * p["AU15"] + 0.025 * wrinkles
    start, stop = (s.nose_w + 0.02, s.nose_y - 0.02), (max(corner[0], 0.2) + 0.07, corner[1] + 0.03)
    crease = line(a, y, start, stop, 0.02 + 0.05 * smile - 0.02 * sneer, 0.03)
    z -= fold * crease
    z += 0.6 * fold * line(a, y, (start[0] + 0.07, start[1]), (stop[0] + 0.07, stop[1]), 0.05, 0.05)
    z -= (0.02 * p["AU15"] + 0.02 * old) * line(
        a, y, (corner[0], corner[1]), (corner[0] + 0.05, s.chin - 0.15), 0, 0.03
    )
    # mouth: the lips stand out, the open mouth is deep, chin and the hollow above it
    z += 0.035 * bump(x, y, 0, float(corner[1]), 0.26, 0.16)
    z += 0.055 * lips - 0.05 * hole
    under = float(s.lip_outer_low[:, 1].max())
    z -= (0.03 + 0.03 * p["AU17"]) * bump(x, y, 0, under + 0.035, 0.15, 0.028)
    z += (0.04 + 0.04 * p["AU17"]) * bump(x, y, 0, s.chin - 0.11, 0.14, 0.075)
    z -= 0.012 * bump(x, y, 0, s.nose_y + 0.13, 0.022, 0.06)
    # creases: forehead (AU1, AU2), between the brows (AU4), nose (AU9), under the eye, crow's feet
    raised = 0.5 * (p["AU1"] + p["AU2"])
    lines = 0.007 * raised + 0.0045 * wrinkles
    if lines > 1e-4:
        where = bump(x, y, 0, brow_y - 0.22, 0.30, 0.10)
        z += lines * where * np.sin((y - brow_y + 0.10 * x * x) * (2 * np.pi / 0.085))
    knit = p["AU4"] + 0.2 * old
    if knit > 0.02:
        z -= 0.030 * knit * bump(a, y, 0.045, s.eye_y - 0.14, 0.014, 0.06)
        z += 0.020 * knit * bump(x, y, 0, s.eye_y - 0.14, 0.03, 0.05)
    if p["AU9"] > 0.02:
        where = bump(a, y, 0.06, s.eye_y + 0.07, 0.07, 0.08)
        z += 0.016 * p["AU9"] * where * np.sin((y - 0.5 * a) * (2 * np.pi / 0.06))
    bag = 0.006 + 0.02 * p["AU6"] + 0.012 * p["AU7"] + 0.014 * old
    arc = s.eye_y + 0.085 - 0.02 * p["AU6"] - 0.9 * (a - s.eye_x) ** 2
    z -= bag * np.exp(-(((y - arc) / 0.018) ** 2)) * np.exp(-(((a - s.eye_x) / 0.14) ** 2))
    feet = 0.008 * p["AU6"] + 0.006 * old
    if feet > 1e-3:
        where = bump(a, y, s.eye_x + 0.22, s.eye_y + 0.02, 0.05, 0.07)
        z += feet * where * np.sin((y - s.eye_y) * (2 * np.pi / 0.06))
    return z


def shade(p: dict, q: Pose, z: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Light that reaches each pixel of the relief: a sun with soft shadows, and an ambient sky. Also the height used."""
    size = z.shape[0]
    step = np.float32(2 / (size * q.scale))
    tall = y * np.sin(q.pitch) + np.cos(q.pitch) * (z * np.cos(q.yaw) - x * np.sin(q.yaw))
    tall = cv2.GaussianBlur(tall.astype(np.float32), (0, 0), max(0.6, size / 96 * 0.7))
    gx = cv2.Sobel(tall, cv2.CV_32F, 1, 0, scale=0.125 / step)
    gy = cv2.Sobel(tall, cv2.CV_32F, 0, 1, scale=0.125 / step)
    norm = 1 / np.sqrt(1 + gx * gx + gy * gy)
    lx, ly = p["light_x"], p["light_y"]
    lz = 0.75
    length = float(np.sqrt(lx * lx + ly * ly + lz * lz))
    lx, ly, lz = lx / length, ly / length, lz / length
    direct = np.maximum((lz - gx * lx - gy * ly) * norm, 0)
    flat = float(np.hypot(lx, ly)) + 1e-6
    dark = np.zeros_like(tall)
    for far in (0.04, 0.08, 0.14, 0.22, 0.34):
        moved = shift(tall, lx / flat * far / step, ly / flat * far / step)
        dark = np.maximum(dark, (moved - tall - far * lz / flat) / (0.02 + 0.25 * far))
    direct *= 1 - np.clip(dark + 0.15, 0, 0.85)
    hollow = cv2.GaussianBlur(tall, (0, 0), size * 0.035) - tall
    ambient = (0.75 - 0.25 * gy * norm * -1) * np.clip(1 - 4.0 * hollow, 0.25, 1.2)
    soft = p["light_softness"]
    return (1 - soft) * 1.25 * direct + soft * ambient, tall


def shift(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """What lies (dx, dy) pixels away, the border repeated."""
    move = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
    h, w = image.shape
    return cv2.warpAffine(image, move, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
