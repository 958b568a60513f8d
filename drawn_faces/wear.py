"""What a head wears: hair or a scarf, and glasses."""

import numpy as np

from .paint import both_sides, clip, cover, fill, mirrored, ribbon, stretch, whole
from .relief import bump
from .shape import Pose, Shape

#: How far each style of hair stands out from the head.
REACH = {"short": 1.06, "fringe": 1.08, "long": 1.16, "curly": 1.3, "tied": 1.03, "covered": 1.2}


def hair(p: dict, s: Shape, x, y, wide: np.ndarray, wave: np.ndarray, strands: np.ndarray) -> np.ndarray:
    """How much hair (or scarf) covers each pixel; `wide` is the head's half width there."""
    style = p["hair"]
    if style == "bald":
        return np.zeros_like(x)
    wave = stretch(wave, len(x))
    a = np.abs(x + 0.02 * wave)
    w = s.half_width
    lean = 0.10 * p["parting"]
    line_y = (
        p["hairline"] + 0.45 * (a / w) ** 4 + lean * x + 0.02 * wave + (0.02 * strands if style != "covered" else 0)
    )
    if style == "fringe":
        line_y = line_y + 0.26
    soft = 0.05
    above = clip((line_y - y) / soft + 0.5, 0, 1)
    volume = p["hair_volume"]
    reach = w * REACH[style] * volume
    top = -0.95 - 0.16 * volume
    dome = clip((1 - (a / reach) ** 2 - (np.minimum(y + 0.2, 0) / (top + 0.2)) ** 2) / 0.12, 0, 1)
    if style in ("long", "covered", "curly"):
        inner = 0.93 * np.where(y < 0.35, wide, 0.9 * w) + 0.1 * clip(y - 0.3, 0, 1)
        sides = clip((a - inner) / soft + 0.5, 0, 1) * (a < reach + 0.05 * wave) * clip((y + 0.62) / 0.2, 0, 1)
        if style == "curly":
            sides = sides * clip((0.42 - y) / 0.25, 0, 1)
        return np.maximum(above * dome, sides)
    burns = clip((a - 0.95 * w) / soft + 0.5, 0, 1) * clip((-0.06 - y) / 0.16, 0, 1) * dome
    return np.maximum(above * dome, burns)


def glasses(p: dict, s: Shape, q: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the frame and of the lenses."""
    view = whole(q)
    rx, ry = 0.215, 0.16 if p["glasses_shape"] < 0.6 else 0.125
    power = 2.0 if p["glasses_shape"] < 0.4 else 3.5
    angle = np.arange(32) * (np.pi / 16)
    c, sn = np.cos(angle), np.sin(angle)
    ring = np.stack([np.sign(c) * np.abs(c) ** (2 / power), np.sign(sn) * np.abs(sn) ** (2 / power)], 1)
    centre = (s.eye_x + 0.01, s.eye_y + 0.025)
    width = 0.014 + 0.028 * p["glasses_shape"]
    lenses = fill(view, *both_sides(ring * (rx, ry) + centre))
    frame = fill(view, *both_sides(ring * (rx + width, ry + width) + centre)) - lenses
    bridge = ribbon(np.array([[-0.16, s.eye_y - 0.02], [0.16, s.eye_y - 0.02]]), width)
    arm = ribbon(np.array([[s.eye_x + rx, s.eye_y - 0.03], [s.half_width, s.eye_y - 0.04]]), width)
    frame = np.maximum(clip(frame, 0, 1), fill(view, bridge, arm, mirrored(arm)) * (1 - lenses))
    return frame, lenses


def add_glasses(p: dict, s: Shape, q: Pose, radiance: np.ndarray, a: np.ndarray, y: np.ndarray) -> None:
    """Glasses over the lit face, in place: the frame, a glare, or dark lenses."""
    frame, lenses = glasses(p, s, q)
    if p["dark_glasses"]:
        cover(radiance, lenses * 0.9, 0.02)
    radiance += lenses * bump(a, y, s.eye_x + 0.07, s.eye_y - 0.04, 0.05, 0.03, 0.06)
    cover(radiance, frame * 0.92, 0.03)
