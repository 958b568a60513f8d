"""Where everything in a face lies: curves and landmarks moved by action units, and the pose in the image.

Face space: x to the image's right, y down, z towards the camera; 1 is half the width of the usual crop.
The eyes lie at y = -0.25, the mouth at 0.5, the chin at 1. In all functions of the drawing, `p` are the conditions
of a face, `s` is its Shape and `q` its Pose; `a` is the distance from the axis of the face, abs(x).
"""

import math
from typing import NamedTuple

import numpy as np

from .expressions import AUS

LANDMARKS = (
    "left_brow_inner", "left_brow_middle", "left_brow_outer",
    "right_brow_inner", "right_brow_middle", "right_brow_outer",
    "left_eye_inner", "left_eye_outer", "left_eye_top", "left_eye_bottom", "left_pupil",
    "right_eye_inner", "right_eye_outer", "right_eye_top", "right_eye_bottom", "right_pupil",
    "nose_bridge", "nose_tip", "nose_base", "left_nostril", "right_nostril",
    "left_mouth_corner", "right_mouth_corner", "upper_lip_top", "upper_lip_bottom", "lower_lip_top",
    "lower_lip_bottom", "chin", "left_jaw", "right_jaw",
)  # fmt: skip
DEPTH = 0.62  # of the head, from its rim to its front
T = np.linspace(-1, 1, 17)  # the points of a curve across an eye or the mouth, from one corner to the other

#: An average face at rest, in face space.
FACE = {
    "half_width": 0.743,
    "chin": 0.998,
    "jaw_power": 2.89,
    "jaw_round": 0.56,
    "eye_x": 0.333,
    "eye_y": -0.25,
    "eye_half": 0.15,
    "open_up": 0.066,
    "open_low": 0.046,
    "iris": 0.07,
    "brow_up": 0.192,
    "brow_half": 0.2,
    "brow_inner": 0.016,
    "brow_middle": -0.035,
    "brow_outer": 0.029,
    "brow_thick": 0.042,
    "nose_y": 0.19,
    "nose_w": 0.125,
    "mouth_y": 0.503,
    "mouth_half": 0.257,
    "mouth_rest": 0.004,
    "lip_up": 0.066,
    "lip_low": 0.08,
}

#: How far each action unit moves things at full strength: distances in face space, or shares of a measure.
MOVES = {
    "AU1 inner": 0.165,
    "AU1 middle": 0.045,
    "AU1 lid": 0.022,
    "AU2 inner": -0.02,
    "AU2 middle": 0.1,
    "AU2 outer": 0.06,
    "AU4 inner": 0.085,
    "AU4 middle": 0.095,
    "AU4 knit": 0.05,
    "AU4 lid": 0.02,
    "AU5 up": 1.4,
    "AU5 low": 0.105,
    "AU6 low": 0.546,
    "AU7 up": 0.408,
    "AU7 low": 0.55,
    "AU9 eye": 0.33,
    "AU9 brow": 0.022,
    "AU9 lip": 0.053,
    "AU9 nose": 0.035,
    "AU10 lip": 0.078,
    "AU10 part": 0.061,
    "AU12 wide": 0.42,
    "AU12 corner": 0.18,
    "AU12 lip": 0.042,
    "AU12 part": 0.165,
    "AU15 corner": 0.085,
    "AU15 lip": 0.008,
    "AU17 lip": 0.01,
    "AU17 corner": 0.026,
    "AU20 wide": 0.28,
    "AU20 corner": 0.08,
    "AU20 part": 0.061,
    "AU23 thin": 0.492,
    "AU23 narrow": 0.182,
    "AU24 thin": 0.437,
    "AU25 part": 0.036,
    "AU26 part": 0.283,
    "AU26 narrow": 0.234,
    "AU26 chin": 0.2,
    "AU26 corner": 0.065,
}


class Shape(NamedTuple):
    """Measures of one face after its action units: heights, widths and curves in face space."""

    half_width: float
    top: float
    chin: float
    jaw_power: float
    jaw_round: float
    eye_x: float
    eye_y: float
    eye_r: float  # half the width of an eye
    brow: np.ndarray  # right brow: inner, middle, outer (x, y)
    brow_t: float  # thickness of the brows
    lid: np.ndarray  # outline of the right eye's opening, 17 points of the upper lid then 17 of the lower
    iris: tuple[float, float, float]  # of the right eye: x, y, radius
    nose_y: float
    nose_w: float
    lip_outer_up: np.ndarray
    lip_inner_up: np.ndarray
    lip_inner_low: np.ndarray
    lip_outer_low: np.ndarray
    corner: tuple[float, float]  # right corner of the mouth
    gap: float  # how far the lips are apart
    fold: tuple[tuple[float, float], tuple[float, float], float]  # right nasolabial fold: top, bottom, bow


def displaced(p: dict) -> dict:
    """`p` with each action unit's intensity as a share of its full displacement: skin moves most at first."""
    return {**p, **{name: 1 - (1 - p[name]) ** 1.7 for name in AUS}}


def shape(p: dict) -> Shape:
    """The face of `p` (its person and its action units) as curves in face space."""
    young = {"1-2": 1.0, "3-9": 0.6, "10-20": 0.12}.get(p["age_group"], 0.0)
    eye_x = FACE["eye_x"] * p["eye_spacing"]
    eye_y = FACE["eye_y"] + p["eye_height"] + 0.03 * young  # a child's features sit lower and its eyes are larger
    eye_r = FACE["eye_half"] * p["eye_size"] * (1 + 0.14 * young)
    chin = FACE["chin"] * p["chin_length"] - 0.06 * young - 0.02 * p["AU17"] - 0.015 * p["AU24"]
    upper, inner_up, inner_low, lower = mouth(p, FACE["mouth_y"] + p["mouth_height"] - 0.05 * young, young)
    corner = (float(upper[-1, 0]), float(upper[-1, 1]))
    nose_y = FACE["nose_y"] * p["nose_length"] - 0.03 * young - MOVES["AU9 nose"] * p["AU9"]
    nose_w = FACE["nose_w"] * p["nose_width"] * (1 + 0.10 * p["AU9"] + 0.05 * p["AU10"] + 0.10 * p["AU12"])
    bow = 0.02 + 0.05 * p["AU12"] - 0.02 * max(p["AU9"], p["AU10"])
    iris = FACE["iris"] * (0.9 + 0.1 * p["eye_size"])
    return Shape(
        half_width=FACE["half_width"] * p["face_width"] * (1 + 0.03 * young),
        top=-1.18,
        chin=chin + MOVES["AU26 chin"] * p["AU26"],
        jaw_power=FACE["jaw_power"] + 5 * (p["jaw_width"] - 1),
        jaw_round=FACE["jaw_round"] - 0.5 * (p["jaw_width"] - 1) + 0.1 * (1 - p["cheek"]) - 0.08 * young,
        eye_x=eye_x,
        eye_y=eye_y,
        eye_r=eye_r,
        brow=brow(p, eye_x, eye_y),
        brow_t=FACE["brow_thick"] * p["brow_thickness"] * (1 - 0.35 * young),
        lid=lids(p, eye_x, eye_y, eye_r, young),
        iris=(eye_x + 0.04 * p["gaze_x"], eye_y - 0.006 + 0.03 * p["gaze_y"], iris),
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
    m, half = MOVES, FACE["brow_half"]
    base = eye_y - FACE["brow_up"] + p["brow_height"] + m["AU9 brow"] * (p["AU7"] + p["AU9"])
    au1, au2 = p["AU1"], p["AU2"]
    au4 = p["AU4"] * (1 - 0.5 * au1)  # together, AU1 and AU4 draw the brows together without lowering them
    inner = FACE["brow_inner"] - m["AU1 inner"] * au1 - m["AU2 inner"] * au2 + m["AU4 inner"] * au4
    middle = FACE["brow_middle"] - m["AU1 middle"] * au1 - m["AU2 middle"] * au2 + m["AU4 middle"] * au4
    outer = FACE["brow_outer"] + 0.02 * au1 * (1 - au2) - m["AU2 outer"] * au2
    middle -= 0.02 * (p["brow_arch"] - 0.5)
    knit = m["AU4 knit"] * p["AU4"]
    return np.array(
        [(eye_x - half - knit, base + inner), (eye_x - 0.4 * knit, base + middle), (eye_x + half, base + outer)]
    )


def lids(p: dict, x: float, y: float, r: float, young: float) -> np.ndarray:
    """Outline of the right eye's opening. AU5 widens it, AU6 and AU7 narrow it, AU43 shuts it."""
    m, size = MOVES, p["eye_size"] * (1 + 0.15 * young)
    up = FACE["open_up"] * size
    up *= 1 + m["AU5 up"] * p["AU5"] - m["AU7 up"] * p["AU7"] - m["AU9 eye"] * p["AU9"]
    low = FACE["open_low"] * size
    low *= 1 + m["AU5 low"] * p["AU5"] - m["AU7 low"] * p["AU7"] - m["AU6 low"] * p["AU6"] - m["AU9 eye"] * p["AU9"]
    shut = 1 - p["AU43"]
    up = max(up * shut - 0.02 * p["AU43"], -0.02)
    low = max(low * (0.5 + 0.5 * shut), 0.004 * shut)
    bow = 1 - np.abs(T) ** 2.2
    tilt = -2 * p["eye_tilt"] * r * T
    slant = (m["AU1 lid"] * p["AU1"] * (1 - p["AU2"]) - m["AU4 lid"] * p["AU4"]) * T * shut
    xs = x + r * T
    top = y - up * bow + tilt + slant * bow * 2
    bottom = np.maximum(y + low * bow + tilt, top)
    return np.concatenate([np.stack([xs, top], 1), np.stack([xs, bottom], 1)])


def mouth(p: dict, y: float, young: float) -> list[np.ndarray]:
    """The four contours of the mouth, left corner to right: outer upper, inner upper, inner lower, outer lower."""
    m, smile, frown, stretch, parted = MOVES, p["AU12"], p["AU15"], p["AU20"], p["AU25"]
    drop, chin = p["AU26"] * parted, p["AU17"]
    half = FACE["mouth_half"] * p["mouth_width"] * (1 - 0.08 * young)
    half *= 1 + m["AU12 wide"] * smile + m["AU20 wide"] * stretch + 0.04 * frown - 0.05 * chin
    half *= 1 - m["AU23 narrow"] * p["AU23"] - 0.08 * p["AU24"]
    half *= 1 - m["AU26 narrow"] * drop * (1 - max(smile, stretch))
    corner = y - m["AU12 corner"] * smile + m["AU15 corner"] * frown + m["AU20 corner"] * stretch
    corner += m["AU26 corner"] * drop + m["AU17 corner"] * chin
    lift = m["AU10 lip"] * p["AU10"] + m["AU9 lip"] * p["AU9"] + m["AU12 lip"] * smile * parted
    up = y + FACE["mouth_rest"] - lift - 0.012 * chin - 0.03 * drop - m["AU15 lip"] * frown
    gap = m["AU25 part"] + m["AU12 part"] * smile + max(m["AU10 part"] * p["AU10"], m["AU20 part"] * stretch)
    low = up + max(gap * parted + m["AU26 part"] * drop, 0.002) - m["AU17 lip"] * chin * (1 - parted)
    thin = (1 - m["AU23 thin"] * p["AU23"]) * (1 - m["AU24 thin"] * p["AU24"])
    above = FACE["lip_up"] * p["lips"] * thin * (1 - 0.35 * smile - 0.2 * p["AU10"]) * (1 - 0.15 * drop)
    below = FACE["lip_low"] * p["lips"] * thin * (1 - 0.25 * smile - 0.15 * drop + 0.15 * chin)
    bow = 1 - np.abs(T) ** 2.3
    cupid = 0.012 * p["lips"] * np.exp(-((T / 0.16) ** 2))
    lean = 0.03 * p["asymmetry"] * (smile + frown) * T
    inner_up = corner + (up - corner) * (1 - np.abs(T) ** 1.9) + lean
    inner_low = np.maximum(corner + (low - corner) * (1 - np.abs(T) ** (2.6 - 0.6 * smile)) + lean, inner_up)
    outer_up = inner_up - (above * bow - cupid) * (np.abs(T) < 1)
    outer_low = inner_low + below * (1 - T**2)
    xs = half * T
    return [np.stack([xs, ys], 1) for ys in (outer_up, inner_up, inner_low, outer_low)]


def outline(s: Shape, y: np.ndarray) -> np.ndarray:
    """Half width of the head at each height: an ellipse above the cheekbones, jaw and chin below."""
    middle = -0.12
    steps = np.linspace(s.top, s.chin, 1025)
    above = np.maximum(middle - steps, 0) / (middle - s.top)
    below = np.maximum(steps - middle, 0) / (s.chin - middle)
    table = s.half_width * np.minimum(np.sqrt(1 - above**2.6), (1 - below**s.jaw_power) ** s.jaw_round) + 1e-4
    place = (y - s.top) * (1024 / (s.chin - s.top)) + 0.5
    return table.astype(np.float32)[np.clip(place, 0, 1024).astype(np.int32)]


def landmarks(s: Shape) -> np.ndarray:
    """The points named by LANDMARKS, in face space."""
    left, half = np.array([-1, 1]), len(T) // 2
    eye = s.lid[[0, len(T) - 1, half, len(T) + half]]
    pupil_x, pupil_y, _ = s.iris
    jaw_y = 0.55
    jaw = float(outline(s, np.array(jaw_y)))
    points = [*(s.brow * left), *s.brow]
    points += [*(eye * left), (pupil_x - 2 * s.eye_x, pupil_y), *eye, (pupil_x, pupil_y)]  # both look the same way
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
    for _ in range(2):
        z = depth(x, y, q.nose_y)
        x = (a - z * sy) * (1 / cy)
        y = (b + (z * cy - x * sy) * sp) * (1 / cp)
    return x, y
