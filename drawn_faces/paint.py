"""The colour of skin, brows, eyes, lips and teeth, as albedo (the share of light that they reflect)."""

from typing import NamedTuple

import cv2
import numpy as np

from .people import REFLECTANCE
from .relief import AGE_WRINKLES, bump, crease
from .shape import Pose, Shape, T, to_image

#: How much light each thing takes away or reflects, as a share.
COLOURS = {
    "socket": 0.2,
    "bag": 0.136,
    "fold": 0.11,
    "deep fold": 0.5,
    "knit": 0.45,
    "nostril": 0.7,
    "lips": 0.63,
    "seam": 0.68,
    "teeth": 0.307,
    "teeth of tone": 0.614,
    "sclera": 0.18,
    "sclera of tone": 0.55,
    "lash": 0.85,
    "lower lash": 0.52,
    "lid fold": 0.3,
}
SUB = 4  # bits of sub-pixel precision in OpenCV's drawing


class View(NamedTuple):
    """A window of the image, for drawing only where something is."""

    pose: Pose
    left: int
    top: int
    width: int
    height: int

    @property
    def where(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def clip(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """`values` within limits; NumPy's own clip takes longer on small arrays."""
    return np.minimum(np.maximum(values, low), high)


def whole(q: Pose) -> View:
    """The whole image."""
    return View(q, 0, 0, q.size, q.size)


def around(q: Pose, points: np.ndarray, margin: float) -> View:
    """The window around some points of face space, with a margin."""
    pixels = to_image(points, q)
    low = np.floor(pixels.min(0) - margin * q.unit).astype(int)
    high = np.ceil(pixels.max(0) + margin * q.unit).astype(int)
    left, top = np.clip(low, 0, q.size - 2)
    right, bottom = np.clip(high, 2, q.size)
    return View(q, int(left), int(top), int(max(right - left, 2)), int(max(bottom - top, 2)))


def fill(view: View, *outlines: np.ndarray) -> np.ndarray:
    """A mask (0-1) of polygons given in face space, with soft edges."""
    return fill_each(view, [outlines])[0]


def fill_each(view: View, groups: list) -> list[np.ndarray]:
    """A mask for each group of polygons; all are brought into the image at once."""
    everything = np.concatenate([points for outlines in groups for points in outlines])
    pixels = to_image(everything, view.pose)
    pixels -= (view.left + 0.5, view.top + 0.5)
    pixels *= 1 << SUB
    pixels = np.rint(pixels).astype(np.int32)
    masks, start = [], 0
    for outlines in groups:
        canvas = np.zeros((view.height, view.width), np.uint8)
        for points in outlines:
            cv2.fillPoly(canvas, [pixels[start : start + len(points)]], 255, cv2.LINE_AA, SUB)
            start += len(points)
        masks.append(canvas * np.float32(1 / 255))
    return masks


def mirrored(points: np.ndarray) -> np.ndarray:
    """The same curve on the other side of the face."""
    return points * (-1, 1)


def moved(points: np.ndarray, down: float) -> np.ndarray:
    """The same curve further down."""
    return points + np.array([0, down])


def both_sides(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A curve of the right side and its mirror image."""
    return points, mirrored(points)


def ribbon(points: np.ndarray, thickness: np.ndarray | float) -> np.ndarray:
    """A polygon around a curve that runs sideways, with its thickness at each point."""
    half = np.zeros_like(points)
    half[:, 1] = thickness
    half *= 0.5
    return np.concatenate([points - half, (points + half)[::-1]])


def between(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """The polygon between two curves that run the same way."""
    return np.concatenate([upper, lower[::-1]])


def ellipse(x: float, y: float, rx: float, ry: float) -> np.ndarray:
    """Sixteen points around a centre."""
    return CIRCLE * (rx, ry) + (x, y)


CIRCLE = np.stack([np.cos(np.arange(16) * (np.pi / 8)), np.sin(np.arange(16) * (np.pi / 8))], 1)


def soften(mask: np.ndarray, sigma: float) -> np.ndarray:
    """A mask with its edge blurred over about `sigma` pixels."""
    return cv2.GaussianBlur(mask, (0, 0), sigma) if sigma > 0.3 else mask


def cover(base: np.ndarray, mask: np.ndarray, value: np.ndarray | float) -> None:
    """Lay `value` over `base` where the mask says, in place."""
    layer = value - base
    layer *= mask
    base += layer


def darken(base: np.ndarray, mask: np.ndarray, share: float) -> None:
    """Take away a share of the light where the mask says, in place."""
    base *= 1 - mask * share


def skin(p: dict, s: Shape, x: np.ndarray, y: np.ndarray, mottle: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Albedo of bare skin: the tone's, mottled, freckled, darker in creases, around the eyes and under a beard."""
    a = np.abs(x)
    wrinkles = AGE_WRINKLES[p["age_group"]] * p["lines"]
    dark = bump(a, y, s.eye_x - 0.02, s.eye_y + 0.06, 0.13, 0.045, COLOURS["bag"] + 0.10 * wrinkles)
    dark += bump(a, y, s.eye_x, s.eye_y - 0.02, 0.16, 0.07, COLOURS["socket"])
    start, stop, bow = s.fold
    fold = COLOURS["fold"] + COLOURS["deep fold"] * max(p["AU12"], p["AU9"], p["AU10"]) + 0.12 * wrinkles
    dark += crease(a, y, start, stop, bow, 0.024, fold)
    if p["AU4"] > 0.02:
        dark += bump(a, y, 0.045, s.eye_y - 0.14, 0.012, 0.055, COLOURS["knit"] * p["AU4"])
    dark += bump(a, y, 0.48 * s.nose_w, s.nose_y + 0.045, 0.026, 0.012, COLOURS["nostril"])
    dark += bump(a, y, 0.75 * s.nose_w, s.nose_y + 0.05, 0.05, 0.015, 0.12)
    base = (1 + p["mottle"] * mottle) * np.maximum(1 - dark, 0.15)
    spots = stretch(grain, len(x)) if p["freckles"] > 0 or p["beard"] != "none" else grain
    if p["freckles"] > 0:
        base *= 1 - clip(spots - 1.2, 0, 1) * bump(a, y, 0.25, 0.08, 0.25, 0.14, 0.5 * p["freckles"])
    base *= REFLECTANCE[int(p["tone"]) - 1]
    if p["beard"] != "none":
        cover(base, beard(p, s, x, y) * (0.8 + 0.2 * clip(spots, -1, 1)), p["hair_level"] ** 2 + 0.01)
    return base


def stretch(grid: np.ndarray, size: int) -> np.ndarray:
    """A coarse grid of numbers as a smooth texture of the whole image."""
    return cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)


def beard(p: dict, s: Shape, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How densely a beard covers each pixel."""
    a = np.abs(x)
    lip = float(s.lip_outer_up[:, 1].min())
    over = np.exp(-(((y - lip + 0.05 - 0.2 * a) / 0.045) ** 2)) * (a < s.corner[0] + 0.08) * (y > s.nose_y + 0.06)
    jaw = clip((y - (s.corner[1] - 0.62 + 0.9 * clip(0.72 - a, 0, 1) ** 0.7)) / 0.06, 0, 1)
    if p["beard"] == "moustache":
        return 0.85 * over
    if p["beard"] == "goatee":
        return clip(0.8 * over + bump(x, y, 0, s.chin - 0.06, 0.16, 0.13, 0.9), 0, 0.9)
    dense = 0.30 if p["beard"] == "stubble" else 0.85
    return dense * clip(over + jaw, 0, 1)


def brows(p: dict, s: Shape, q: Pose, base: np.ndarray, strands: np.ndarray) -> None:
    """The brows over the skin."""
    view = around(q, np.concatenate([s.brow, mirrored(s.brow)]), 0.12)
    curve = np.empty((9, 2))
    curve[:, 0] = np.interp(np.linspace(0, 2, 9), [0, 1, 2], s.brow[:, 0])
    curve[:, 1] = quadratic(s.brow, curve[:, 0])
    band = ribbon(curve, s.brow_t * BROW_PROFILE)
    mask = soften(fill(view, *both_sides(band)), 0.012 * q.unit)
    mask *= p["brow_darkness"] * (0.9 + 0.1 * clip(strands[view.where], -1, 1))
    cover(base[view.where], mask, p["hair_level"] ** 2 * 0.6 + 0.008)


BROW_PROFILE = np.array([0.9, 1.15, 1.2, 1.15, 1.05, 0.9, 0.75, 0.55, 0.3])


def mouth(p: dict, s: Shape, q: Pose, base: np.ndarray) -> np.ndarray:
    """Lips, the dark inside, teeth and tongue, over the skin; gives back how lips and opening change the height."""
    tone = REFLECTANCE[int(p["tone"]) - 1]
    view = around(q, np.concatenate([s.lip_outer_up, s.lip_outer_low]), 0.08)
    here = base[view.where]
    seam = ribbon(s.lip_inner_up, 0.016 * (1 - T**2) + 0.008)
    groups = [[between(s.lip_outer_up, s.lip_outer_low)], [seam]]
    if s.gap > 0.012:
        tongue = ellipse(0, float(s.lip_inner_low[8, 1]) + 0.01, 0.6 * s.corner[0], 0.35 * s.gap)
        groups += [[between(s.lip_inner_up, s.lip_inner_low)], [tongue], teeth(p, s)]
    lips, seam, *inner = fill_each(view, groups)
    cover(here, soften(lips, 0.010 * q.unit) * COLOURS["lips"], tone * p["lip_colour"])
    darken(here, seam, COLOURS["seam"])
    hole = np.zeros_like(lips)
    if inner:
        hole, tongue, white = inner
        inside = np.full_like(here, 0.012)
        cover(inside, soften(tongue, 0.03 * q.unit), 0.09)
        if q.size >= 128:
            white = white - 0.22 * fill(view, *gaps(s)) * white
        cover(inside, soften(white, 0.006 * q.unit), COLOURS["teeth"] + COLOURS["teeth of tone"] * tone)
        cover(here, hole, inside)
    bulge = np.zeros_like(base)
    bulge[view.where] = cv2.GaussianBlur(0.055 * lips - 0.05 * hole, (0, 0), 0.025 * q.unit)
    return bulge


def teeth(p: dict, s: Shape) -> list[np.ndarray]:
    """The upper row of teeth, and the lower where lips are drawn back."""
    show = min(s.gap * 0.85, 0.06 + 0.07 * p["AU12"])
    show *= 0.45 + 0.55 * min(1.0, p["AU12"] + p["AU10"] + 0.7 * p["AU20"] + 0.2)
    bend = np.stack([np.zeros_like(T), show * (1 - 0.5 * T**2)], 1)
    upper = s.lip_inner_up * (0.9, 1)
    rows = [between(moved(upper, -0.01), upper + bend)]
    if p["AU20"] > 0.5 and 0.04 < s.gap < 0.12:
        lower = s.lip_inner_low * (0.85, 1)
        rows.append(between(lower - 0.7 * bend, moved(lower, 0.01)))
    return rows


def gaps(s: Shape) -> list[np.ndarray]:
    """Thin lines between the teeth, seen in large images only."""
    x = np.array([-0.13, -0.092, -0.052, 0.0, 0.052, 0.092, 0.13])
    top, low = s.lip_inner_up[8, 1] - 0.05, s.lip_inner_low[8, 1]
    return [np.array([(at - 0.003, top), (at + 0.003, top), (at + 0.003, low), (at - 0.003, low)]) for at in x]


def eyes(p: dict, s: Shape, q: Pose, base: np.ndarray) -> None:
    """Sclera, iris, pupil, highlight, the lid's shadow, lashes and the fold of the lid, over the skin."""
    n = len(T)
    top, bottom = s.lid[:n], s.lid[n:]
    view = around(q, np.concatenate([s.lid, mirrored(s.lid)]), 0.10)
    here = base[view.where]
    x, y, r = s.iris
    left = x - 2 * s.eye_x
    profile = 1.1 - 0.5 * T**2
    opening, iris, pupil, shine, under, lash, low_lash, fold = fill_each(
        view,
        [
            both_sides(between(top, bottom)),
            (ellipse(x, y, r, r), ellipse(left, y, r, r)),
            (ellipse(x, y, 0.5 * r, 0.5 * r), ellipse(left, y, 0.5 * r, 0.5 * r)),
            [ellipse(at - 0.3 * r, y - 0.35 * r, 0.17 * r, 0.17 * r) for at in (x, left)],
            both_sides(ribbon(moved(top, 0.018), 0.03)),
            both_sides(ribbon(moved(top, -0.004), 0.022 * profile)),
            both_sides(ribbon(moved(bottom, 0.004), 0.010 * profile)),
            both_sides(ribbon(moved(top, 0.015 * p["AU4"] - 0.045), 0.014 * (1.05 - T**2))),
        ],
    )
    eye = np.full_like(here, COLOURS["sclera"] + COLOURS["sclera of tone"] * REFLECTANCE[int(p["tone"]) - 1])
    cover(eye, iris, p["eye_colour"])
    cover(eye, pupil, 0.006)
    cover(eye, shine, 0.9)
    darken(eye, under, 0.55)
    cover(here, opening, eye)
    darken(here, lash, COLOURS["lash"])
    darken(here, low_lash, COLOURS["lower lash"])
    darken(here, soften(fold, q.size / 96 * 0.5), COLOURS["lid fold"])


def quadratic(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Heights at `at` of the parabola through three points."""
    (x0, y0), (x1, y1), (x2, y2) = points.tolist()
    first = y0 * (at - x1) * (at - x2) / ((x0 - x1) * (x0 - x2))
    second = y1 * (at - x0) * (at - x2) / ((x1 - x0) * (x1 - x2))
    return first + second + y2 * (at - x0) * (at - x1) / ((x2 - x0) * (x2 - x1))
