"""The colour of things: skin, brows, eyes, lips, teeth, hair, beard, glasses, as albedo over the relief."""

import cv2
import numpy as np

from .people import MONK
from .relief import AGE_WRINKLES, bump, line
from .shape import Pose, Shape, T, outline, to_image

SUB = 4  # bits of sub-pixel precision in OpenCV's drawing


def fill(size: int, q: Pose, *outlines: np.ndarray) -> np.ndarray:
    """A mask (0-1) of polygons given in face space, with soft edges."""
    canvas = np.zeros((size, size), np.uint8)
    for points in outlines:
        pixels = np.round((to_image(points, q, size) - 0.5) * (1 << SUB)).astype(np.int32)
        cv2.fillPoly(canvas, [pixels], 255, cv2.LINE_AA, SUB)
    return canvas.astype(np.float32) / 255


def mirrored(points: np.ndarray) -> np.ndarray:
    """The same curve on the other side of the face."""
    return points * np.array([-1, 1])


def ribbon(points: np.ndarray, thickness: np.ndarray) -> np.ndarray:
    """A polygon around a curve that runs sideways, as thick at each point as told."""
    half = np.stack([np.zeros(len(points)), thickness / 2], 1)
    return np.concatenate([points - half, (points + half)[::-1]])


def soften(mask: np.ndarray, sigma: float) -> np.ndarray:
    """A mask with its edge blurred over about `sigma` pixels."""
    return cv2.GaussianBlur(mask, (0, 0), sigma) if sigma > 0.3 else mask


def cover(base: np.ndarray, mask: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """`value` laid over `base` where the mask says."""
    return base + mask * (value - base)


def mouth_masks(s: Shape, q: Pose, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Soft masks of the lips (with the opening) and of the opening alone."""
    both = fill(size, q, np.concatenate([s.lip_outer_up, s.lip_outer_low[::-1]]))
    hole = fill(size, q, np.concatenate([s.lip_inner_up, s.lip_inner_low[::-1]]))
    return both, hole


def texture(rng: np.random.Generator, size: int, cells: int, cells_y: int = 0) -> np.ndarray:
    """Smooth noise about 0 with `cells` blobs across (and `cells_y` down)."""
    grid = rng.standard_normal((cells_y or cells, cells), dtype=np.float32)
    return cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)


def skin(p: dict, s: Shape, x: np.ndarray, y: np.ndarray, mottle: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """Albedo of bare skin: the tone's, mottled, freckled, darker in creases and under the eyes, bluish by a beard."""
    a = np.abs(x)
    tone = MONK[int(p["tone"]) - 1] ** 2.2
    base = np.float32(tone) * (1 + 0.035 * mottle)
    base *= 1 - 0.5 * p["freckles"] * np.clip(spots - 1.2, 0, 1) * bump(a, y, 0.25, 0.08, 0.25, 0.14)
    shadow = 0.10 + 0.10 * AGE_WRINKLES[p["age_group"]]
    base *= 1 - shadow * bump(a, y, s.eye_x - 0.02, s.eye_y + 0.06, 0.13, 0.045)
    base *= 1 - 0.22 * bump(a, y, s.eye_x, s.eye_y - 0.045, 0.15, 0.04)
    corner = s.lip_outer_up[-1]
    fold = 0.06 + 0.30 * max(p["AU12"], p["AU9"], p["AU10"]) + 0.12 * AGE_WRINKLES[p["age_group"]]
    start, stop = (s.nose_w + 0.03, s.nose_y), (max(corner[0], 0.2) + 0.06, corner[1] + 0.02)
    base *= 1 - fold * line(a, y, start, stop, 0.02 + 0.05 * p["AU12"], 0.022)
    base *= 1 - 0.45 * p["AU4"] * bump(a, y, 0.045, s.eye_y - 0.14, 0.012, 0.055)
    base *= 1 - 0.75 * bump(a, y, 0.45 * s.nose_w, s.nose_y + 0.04, 0.030, 0.015)
    base *= 1 - 0.25 * bump(a, y, 0.75 * s.nose_w, s.nose_y + 0.045, 0.05, 0.02)
    if p["beard"] != "none":
        base = cover(base, beard(p, s, x, y) * (0.8 + 0.2 * np.clip(spots, -1, 1)), p["hair_level"] ** 2.2 + 0.01)
    return base


def beard(p: dict, s: Shape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How densely a beard covers each pixel."""
    a = np.abs(x)
    lip = float(s.lip_outer_up[:, 1].min())
    corner = s.lip_outer_up[-1]
    over = np.exp(-(((y - lip + 0.05 - 0.2 * a) / 0.045) ** 2)) * (a < corner[0] + 0.08) * (y > s.nose_y + 0.06)
    jaw = np.clip((y - (corner[1] - 0.62 + 0.9 * np.clip(0.72 - a, 0, 1) ** 0.7)) / 0.06, 0, 1)
    chin = bump(x, y, 0, s.chin - 0.06, 0.16, 0.13)
    kind = p["beard"]
    if kind == "moustache":
        return 0.85 * over
    if kind == "goatee":
        return np.clip(0.8 * over + 0.9 * chin, 0, 0.9)
    dense = 0.30 if kind == "stubble" else 0.85
    return dense * np.clip(over + jaw, 0, 1)


def features(p: dict, s: Shape, q: Pose, size: int, base: np.ndarray, y: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """Brows, eyes and mouth over the skin."""
    unit = size * q.scale / 2
    tone = MONK[int(p["tone"]) - 1] ** 2.2
    # brows
    curve = np.stack([np.interp(np.linspace(0, 2, 9), [0, 1, 2], s.brow[:, k]) for k in (0, 1)], 1)
    curve[:, 1] = quadratic(s.brow, curve[:, 0])
    thick = s.brow_t * np.array([0.9, 1.15, 1.2, 1.15, 1.05, 0.9, 0.75, 0.55, 0.3])
    shape = ribbon(curve, thick)
    brows = soften(fill(size, q, shape, mirrored(shape)), 0.012 * unit)
    base = cover(
        base, brows * p["brow_darkness"] * (0.9 + 0.1 * np.clip(hair, -1, 1)), p["hair_level"] ** 2.2 * 0.6 + 0.008
    )
    # lips, teeth, tongue
    both, hole = mouth_masks(s, q, size)
    lips = np.clip(both - hole, 0, 1)
    base = cover(base, soften(lips, 0.010 * unit) * 0.9, tone * p["lip_colour"])
    seam = fill(size, q, ribbon(s.lip_inner_up, 0.016 * (1 - T**2) + 0.008))
    base = cover(base, seam * 0.75, 0.12 * tone)
    inside = np.full_like(base, 0.012)
    gap = float((s.lip_inner_low[:, 1] - s.lip_inner_up[:, 1]).max())
    tongue = fill(size, q, ellipse(0, float(s.lip_inner_low[8, 1]) + 0.01, 0.6 * s.lip_outer_up[-1, 0], 0.35 * gap))
    inside = cover(inside, soften(tongue, 0.03 * unit), 0.09)
    show = min(gap * 0.8, 0.085) if p["AU12"] > 0.3 else min(gap * 0.6, 0.06)
    show *= 0.45 + 0.55 * min(1.0, p["AU12"] + p["AU10"] + 0.7 * p["AU20"] + 0.2)
    narrow = s.lip_inner_up * np.array([0.9, 1])
    bend = np.array([0, show]) * (1 - 0.5 * T[:, None] ** 2)
    teeth = fill(size, q, np.concatenate([narrow - [0, 0.01], (narrow + bend)[::-1]]))
    if p["AU20"] + p["AU10"] > 0.5 and gap > 0.05:  # the lower row, when lips are drawn back
        low = s.lip_inner_low * np.array([0.85, 1])
        teeth = np.maximum(teeth, fill(size, q, np.concatenate([low - bend * 0.7, (low + [0, 0.01])[::-1]])))
    inside = cover(inside, soften(teeth, 0.006 * unit), 0.62)
    base = cover(base, hole, inside)
    return eyes(p, s, q, size, base)


def eyes(p: dict, s: Shape, q: Pose, size: int, base: np.ndarray) -> np.ndarray:
    """Sclera, iris, pupil, highlight, the lid's shadow, lashes and the fold of the lid."""
    n = len(T)
    top, bottom = s.lid[:n], s.lid[n:]
    opening = fill(
        size, q, *(np.concatenate([t, b[::-1]]) for t, b in ((top, bottom), (mirrored(top), mirrored(bottom))))
    )
    x, y, r = s.iris
    left = x - 2 * s.eye_x
    eye = np.full_like(base, 0.50)
    eye = cover(eye, fill(size, q, ellipse(x, y, r, r), ellipse(left, y, r, r)), p["eye_colour"])
    eye = cover(eye, fill(size, q, ellipse(x, y, 0.5 * r, 0.5 * r), ellipse(left, y, 0.5 * r, 0.5 * r)), 0.006)
    shine = [ellipse(at - 0.3 * r, y - 0.35 * r, 0.24 * r, 0.24 * r) for at in (x, left)]
    eye = cover(eye, fill(size, q, *shine), 0.9)
    under = ribbon(top + [0, 0.018], np.full(n, 0.03))
    eye *= 1 - 0.55 * fill(size, q, under, mirrored(under))
    base = cover(base, opening, eye)
    lash = ribbon(top - [0, 0.004], 0.022 * (1.1 - 0.5 * T**2))
    rim = ribbon(bottom + [0, 0.004], 0.010 * (1.1 - 0.5 * T**2))
    crease = ribbon(top - [0, 0.045 - 0.015 * p["AU4"]], 0.014 * (1.05 - T**2))
    base = base * (1 - 0.85 * fill(size, q, lash, mirrored(lash)))
    base = base * (1 - 0.4 * fill(size, q, rim, mirrored(rim)))
    return base * (1 - 0.3 * soften(fill(size, q, crease, mirrored(crease)), size / 96 * 0.5))


def ellipse(x: float, y: float, rx: float, ry: float) -> np.ndarray:
    """Sixteen points around a centre."""
    angle = np.arange(16) * (np.pi / 8)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1)


def quadratic(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Heights at `at` of the parabola through three points."""
    (x0, y0), (x1, y1), (x2, y2) = points
    return (
        y0 * (at - x1) * (at - x2) / ((x0 - x1) * (x0 - x2))
        + y1 * (at - x0) * (at - x2) / ((x1 - x0) * (x1 - x2))
        + y2 * (at - x0) * (at - x1) / ((x2 - x0) * (x2 - x1))
    )


def hair_mask(p: dict, s: Shape, x: np.ndarray, y: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """How much hair (or scarf) covers each pixel."""
    style = p["hair"]
    if style == "bald":
        return np.zeros_like(x)
    a = np.abs(x + 0.02 * wave)
    w = s.half_width
    part = x * np.sign(p["parting"] + 1e-6)
    line_y = p["hairline"] + 0.45 * (a / w) ** 4 + 0.10 * np.abs(p["parting"]) * part + 0.02 * wave
    if style == "fringe":
        line_y = line_y + 0.26
    soft = 0.035
    above = np.clip((line_y - y) / soft + 0.5, 0, 1)
    volume = p["hair_volume"]
    grow = {"short": 1.06, "fringe": 1.08, "long": 1.16, "curly": 1.3, "tied": 1.03, "covered": 1.2}[style] * volume
    top = -0.95 - 0.16 * volume
    dome = np.clip((1 - (a / (w * grow)) ** 2 - (np.minimum(y + 0.2, 0) / (top + 0.2)) ** 2) / 0.12, 0, 1)
    if style in ("long", "covered", "curly"):
        inner = 0.93 * outline(s, np.minimum(y, 0.35)) + 0.1 * np.clip(y - 0.3, 0, 1)
        sides = np.clip((a - inner) / soft + 0.5, 0, 1) * (a < w * grow + 0.05 * wave) * (y > -0.5)
        if style == "curly":
            sides = sides * (y < 0.35)
        return np.maximum(above * dome, sides)
    burns = np.clip((a - 0.95 * w) / soft + 0.5, 0, 1) * (y < -0.12) * dome
    return np.maximum(above * dome, burns)


def glasses(p: dict, s: Shape, q: Pose, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the frame and of the lenses."""
    rx, ry = 0.215, 0.16 if p["glasses_shape"] < 0.6 else 0.125
    power = 2.0 if p["glasses_shape"] < 0.4 else 3.5
    angle = np.linspace(0, 2 * np.pi, 33)[:-1]
    c, sn = np.cos(angle), np.sin(angle)
    ring = np.stack([np.sign(c) * np.abs(c) ** (2 / power), np.sign(sn) * np.abs(sn) ** (2 / power)], 1)
    centre = np.array([s.eye_x + 0.01, s.eye_y + 0.025])
    width = 0.014 + 0.028 * p["glasses_shape"]
    lens = centre + ring * [rx, ry]
    rim = centre + ring * [rx + width, ry + width]
    bridge = ribbon(np.array([[-0.16, s.eye_y - 0.02], [0.16, s.eye_y - 0.02]]), np.full(2, width))
    arm = ribbon(np.array([[s.eye_x + rx, s.eye_y - 0.03], [s.half_width, s.eye_y - 0.04]]), np.full(2, width))
    lenses = fill(size, q, lens, mirrored(lens))
    frame = np.clip(fill(size, q, rim, mirrored(rim)) - lenses, 0, 1)
    return np.maximum(frame, fill(size, q, bridge, arm, mirrored(arm)) * (1 - lenses)), lenses
