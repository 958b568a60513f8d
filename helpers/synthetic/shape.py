"""Where everything in a face lies: curves and landmarks moved by action units, and the pose that puts them in the image.

Face space: x to the image's right, y down, z towards the camera; 1 is half the width of the usual crop.
The eyes lie at y = -0.25, the mouth at 0.5, the chin at 0.95.
"""

import math
from typing import NamedTuple

import numpy as np

LANDMARKS = (
    "left_brow_inner", "left_brow_middle", "left_brow_outer",
    "right_brow_inner", "right_brow_middle", "right_brow_outer",
    "left_eye_inner", "left_eye_outer", "left_eye_top", "left_eye_bottom", "left_pupil",
    "right_eye_inner", "right_eye_outer", "right_eye_top", "right_eye_bottom", "right_pupil",
    "nose_bridge", "nose_tip", "nose_base", "left_nostril", "right_nostril",
    "left_mouth_corner", "right_mouth_corner", "upper_lip_top", "upper_lip_bottom", "lower_lip_top",
    "lower_lip_bottom", "chin", "left_jaw", "right_jaw",
)  # fmt: skip
DEPTH = 0.62
T = np.linspace(-1, 1, 17)


class Shape(NamedTuple):
    """Measures of one face after its action units: heights, widths and curves in face space."""

    half_width: float
    top: float
    chin: float
    jaw_power: float
    jaw_round: float
    eye_x: float
    eye_y: float
    eye_r: float
    brow: np.ndarray  # right brow: inner, middle, outer (x, y)
    brow_t: float
    lid: np.ndarray  # outline of the right eye's opening, 17 points of the upper lid then 17 of the lower
    iris: tuple[float, float, float]
    nose_y: float
    nose_w: float
    lip_outer_up: np.ndarray
    lip_inner_up: np.ndarray
    lip_inner_low: np.ndarray
    lip_outer_low: np.ndarray
    corner: tuple[float, float]  # right corner of the mouth
    gap: float  # how far the lips are apart
    fold: tuple[tuple[float, float], tuple[float, float], float]  # right nasolabial fold: top, bottom, bow


def shape(p: dict) -> Shape:
    """The face of `p` (its person and its action units) as curves in face space."""
    young = {"1-2": 1.0, "3-9": 0.6, "10-20": 0.12}.get(p["age_group"], 0.0)
    low = 0.03 * young  # a child's features sit lower and its eyes are larger
    eye_x = 0.35 * p["eye_spacing"]
    eye_y = -0.25 + p["eye_height"] + low
    eye_r = 0.150 * p["eye_size"] * (1 + 0.14 * young)
    mouth_y = 0.51 + p["mouth_height"] - 0.05 * young
    chin = 0.95 * p["chin_length"] - 0.06 * young + 0.15 * p["AU26"] - 0.02 * p["AU17"] - 0.015 * p["AU24"]
    upper, inner_up, inner_low, lower = mouth(p, mouth_y, young)
    corner = (float(upper[-1, 0]), float(upper[-1, 1]))
    nose_y = 0.17 * p["nose_length"] - 0.03 * young - 0.025 * p["AU9"]
    nose_w = 0.125 * p["nose_width"] * (1 + 0.10 * p["AU9"] + 0.05 * p["AU10"] + 0.10 * p["AU12"])
    bow = 0.02 + 0.05 * p["AU12"] - 0.02 * max(p["AU9"], p["AU10"])
    return Shape(
        half_width=0.755 * p["face_width"] * (1 + 0.03 * young),
        top=-1.18,
        chin=chin,
        jaw_power=2.4 + 1.0 * (p["jaw_width"] - 0.95) * 5,
        jaw_round=0.56 - 0.5 * (p["jaw_width"] - 1.0) + 0.05 * (1 - p["cheek"]) * 2 - 0.08 * young,
        eye_x=eye_x,
        eye_y=eye_y,
        eye_r=eye_r,
        brow=brow(p, eye_x, eye_y),
        brow_t=0.052 * p["brow_thickness"] * (1 - 0.35 * young),
        lid=lids(p, eye_x, eye_y, eye_r, young),
        iris=(eye_x + 0.04 * p["gaze_x"], eye_y - 0.006 + 0.03 * p["gaze_y"], 0.070 * (0.9 + 0.1 * p["eye_size"])),
        nose_y=nose_y,
        nose_w=nose_w,
        lip_outer_up=upper,
        lip_inner_up=inner_up,
        lip_inner_low=inner_low,
        lip_outer_low=lower,
        corner=corner,
        gap=float((inner_low[:, 1] - inner_up[:, 1]).max()),
        fold=((nose_w + 0.02, nose_y - 0.02), (max(corner[0], 0.2) + 0.07, corner[1] + 0.03), bow),
    )


def brow(p: dict, eye_x: float, eye_y: float) -> np.ndarray:
    """Right brow: AU1 lifts the inner end, AU2 the outer, AU4 lowers and knits."""
    base = eye_y - 0.185 + p["brow_height"] + 0.012 * (p["AU7"] + p["AU9"])
    au1, au2, au4 = p["AU1"], p["AU2"], p["AU4"]
    inner = (eye_x - 0.20 - 0.05 * au4, base + 0.01 - 0.085 * au1 - 0.03 * au2 + 0.085 * au4)
    middle = (eye_x + 0.0 - 0.02 * au4, base - 0.025 - 0.02 * p["brow_arch"] - 0.045 * au1 - 0.085 * au2 + 0.07 * au4)
    outer = (eye_x + 0.20, base + 0.035 + 0.02 * au1 * (1 - au2) - 0.085 * au2 + 0.0 * au4)
    return np.array([inner, middle, outer])


def lids(p: dict, x: float, y: float, r: float, young: float) -> np.ndarray:
    """Outline of the right eye's opening. AU5 widens it, AU6 and AU7 narrow it, AU43 shuts it."""
    open_up = 0.066 * p["eye_size"] * (1 + 0.15 * young) * (1 + 0.70 * p["AU5"] - 0.3 * p["AU7"] - 0.2 * p["AU9"])
    open_low = 0.046 * p["eye_size"] * (1 + 0.15 * p["AU5"] - 0.55 * p["AU7"] - 0.6 * p["AU6"] - 0.3 * p["AU9"])
    shut = 1 - p["AU43"]
    open_up = max(open_up * shut - 0.02 * p["AU43"], -0.02)
    open_low = max(open_low * (0.5 + 0.5 * shut), 0.004 * shut)
    bow = 1 - np.abs(T) ** 2.2
    xs = x + r * T
    tilt = -p["eye_tilt"] * r * T * 2 + 0.012 * p["AU1"] * T * (1 - p["AU2"])
    top = y - open_up * bow + tilt
    bottom = np.maximum(y + open_low * bow + tilt, top)
    return np.concatenate([np.stack([xs, top], 1), np.stack([xs, bottom], 1)])


def mouth(p: dict, y: float, young: float) -> list[np.ndarray]:
    """The four contours of the mouth, left corner to right: outer upper, inner upper, inner lower, outer lower."""
    smile, frown, stretch = p["AU12"], p["AU15"], p["AU20"]
    parted = p["AU25"]
    drop = p["AU26"] * parted
    half = 0.245 * p["mouth_width"] * (1 - 0.08 * young)
    half *= 1 + 0.42 * smile + 0.28 * stretch - 0.14 * p["AU23"] - 0.08 * p["AU24"] - 0.05 * p["AU17"] + 0.04 * frown
    half *= 1 - 0.22 * drop * (1 - max(smile, stretch))
    corner = y - 0.125 * smile + 0.085 * frown + 0.03 * stretch + 0.05 * drop + 0.02 * p["AU17"]
    raise_up = 0.085 * p["AU10"] + 0.045 * p["AU9"] + 0.06 * smile * parted + 0.012 * p["AU17"]
    up = y + 0.004 - raise_up - 0.03 * drop - 0.02 * frown
    gap = 0.03 * parted + 0.24 * drop + 0.14 * parted * smile + 0.075 * parted * max(p["AU10"], stretch)
    low = max(up + gap, up + 0.002) - 0.02 * p["AU17"] * (1 - parted)
    thin = (1 - 0.6 * p["AU23"]) * (1 - 0.65 * p["AU24"])
    above = 0.056 * p["lips"] * thin * (1 - 0.35 * smile - 0.2 * p["AU10"]) * (1 - 0.15 * drop)
    below = 0.080 * p["lips"] * thin * (1 - 0.25 * smile - 0.15 * drop + 0.15 * p["AU17"])
    xs = half * T
    lean = 0.03 * p["asymmetry"] * (smile + frown) * T
    bow = 1 - np.abs(T) ** 2.3
    cupid = 0.012 * p["lips"] * np.exp(-((T / 0.16) ** 2))
    inner_up = corner + (up - corner) * (1 - np.abs(T) ** 1.9) + lean
    inner_low = corner + (low - corner) * (1 - np.abs(T) ** (2.6 - 0.6 * smile)) + lean
    inner_low = np.maximum(inner_low, inner_up)
    outer_up = inner_up - (above * bow - cupid) * (np.abs(T) < 1)
    outer_low = inner_low + below * (1 - np.abs(T) ** 2.0)
    return [np.stack([xs, ys], 1) for ys in (outer_up, inner_up, inner_low, outer_low)]


def outline(s: Shape, y: np.ndarray) -> np.ndarray:
    """Half width of the head at each height: an ellipse above the cheekbones, jaw and chin below."""
    middle = -0.12
    above = np.clip((middle - y) / (middle - s.top), 0, 1)
    below = np.clip((y - middle) / (s.chin - middle), 0, 1)
    upper = np.sqrt(1 - above**2.6)
    lower = (1 - below**s.jaw_power) ** s.jaw_round
    return s.half_width * np.minimum(upper, lower) + 1e-4


def landmarks(s: Shape) -> np.ndarray:
    """The points named by LANDMARKS, in face space."""
    n = len(T)
    half = n // 2
    right_eye = [s.lid[0], s.lid[n - 1], s.lid[half], s.lid[n + half], np.array(s.iris[:2])]
    flip = np.array([-1, 1])
    jaw_y = 0.55
    jaw = float(outline(s, np.array(jaw_y)))
    points = [*(s.brow * flip), *s.brow, *(np.array(right_eye) * flip), *right_eye]
    points[10] = np.array([-s.iris[0] + 2 * (s.iris[0] - s.eye_x), s.iris[1]])
    points += [(0, s.eye_y), (0, s.nose_y - 0.04), (0, s.nose_y + 0.055), (-s.nose_w, s.nose_y), (s.nose_w, s.nose_y)]
    points += [s.lip_outer_up[0], s.lip_outer_up[-1], s.lip_outer_up[half], s.lip_inner_up[half]]
    points += [s.lip_inner_low[half], s.lip_outer_low[half], (0, s.chin - 0.03), (-jaw, jaw_y), (jaw, jaw_y)]
    return np.array([tuple(point) for point in points])


class Pose(NamedTuple):
    """What brings face space into an image of `size` pixels: cosines and sines of the turns, scale and shift."""

    yaw: tuple[float, float]
    pitch: tuple[float, float]
    roll: tuple[float, float]
    scale: float
    shift_x: float
    shift_y: float
    nose_y: float
    size: int

    @property
    def unit(self) -> float:
        """Pixels a unit of face space."""
        return self.size * self.scale / 2


def pose(p: dict, s: Shape, size: int) -> Pose:
    """The pose of `p` in an image of `size` pixels."""
    turns = [(math.cos(math.radians(p[name])), math.sin(math.radians(p[name]))) for name in ("yaw", "pitch", "roll")]
    return Pose(*turns, p["scale"], p["shift_x"], p["shift_y"], s.nose_y, size)


def depth(x: np.ndarray, y: np.ndarray, nose_y: float) -> np.ndarray:
    """Rough depth of the surface, enough for the parallax of a turned head: a curved front and a nose."""
    nose = 0.17 * np.exp(x * x * -50 - (y - (nose_y - 0.03)) ** 2 * 33)
    return nose - np.minimum(x * x * 0.78, 0.65) - np.minimum(0.12 * y * y, 0.24)


def to_image(points: np.ndarray, q: Pose) -> np.ndarray:
    """Face-space points (k, 2) as pixel coordinates (k, 2)."""
    x, y = points[:, 0], points[:, 1]
    z = depth(x, y, q.nose_y)
    a = x * q.yaw[0] + z * q.yaw[1]
    b = y * q.pitch[0] - (z * q.yaw[0] - x * q.yaw[1]) * q.pitch[1]
    c, s = q.roll
    out = np.empty_like(points, dtype=float)
    out[:, 0] = (a * c - b * s) * q.unit + (1 + q.shift_x) * q.size / 2
    out[:, 1] = (a * s + b * c) * q.unit + (1 + q.shift_y) * q.size / 2
    return out


def to_face(q: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Face-space coordinates of every pixel centre: the inverse of `to_image`, by a few fixed-point steps."""
    line = (np.arange(q.size, dtype=np.float32) + 0.5) * (2 / q.size) - 1
    u, v = (line[None, :] - q.shift_x) / q.scale, (line[:, None] - q.shift_y) / q.scale
    c, s = q.roll
    a, b = c * u + s * v, c * v - s * u
    (cy, sy), (cp, sp) = q.yaw, q.pitch
    x, y = a / cy, b / cp
    if sy == 0 and sp == 0:
        return x, y
    for _ in range(3):
        z = depth(x, y, q.nose_y)
        x = (a - z * sy) * (1 / cy)
        y = (b + (z * cy - x * sy) * sp) * (1 / cp)
    return x, y
