"""One photograph: the relief of a face and its colours, lit, posed, framed and developed; and the masks of its regions."""

import numpy as np

from . import paint, photo, wear
from .paint import clip
from .people import REFLECTANCE
from .relief import height, shade
from .shape import Shape, displaced, landmarks, outline, pose, shape, to_face, to_image
from .streams import stream

#: Coarse random grids of a person: mottled skin, spots and stubble, waves of hair, strands.
GRIDS = ((7, 7), (40, 40), (5, 5), (6, 48))
REGIONS = ("brows", "eyes", "nose", "mouth", "cheeks", "forehead")


def draw(p: dict, size: int, seed: int) -> np.ndarray:
    """The photograph (size, size) uint8 of the person, the expression and the shot that the conditions `p` describe."""
    n = resolution(size)
    p = displaced(p)
    own, shot = stream(seed, "skin and hair", p["identity"]), stream(seed, "surroundings", p["index"])
    s = shape(p)
    q = pose(p, s, n)
    x, y = to_face(q)
    wide = outline(s, y)
    mottle, spots, wave, strands = (own.standard_normal(grid, dtype=np.float32) for grid in GRIDS)
    mottle, strands = paint.stretch(mottle, n), paint.stretch(strands, n)
    backdrop = photo.backdrop(p, n, shot)

    albedo = paint.skin(p, s, x, y, mottle, spots)
    paint.brows(p, s, q, albedo, strands)
    bulge = paint.mouth(p, s, q, albedo)
    paint.eyes(p, s, q, albedo)
    hair = wear.hair(p, s, x, y, wide, wave, strands)
    a = np.abs(x)
    head = clip((wide - a) * q.unit + 0.5, 0, 1) * (y < s.chin)
    ear = clip((1 - ((a - s.half_width * 0.99) / 0.09) ** 2 - ((y + 0.02) / 0.2) ** 2) * 3, 0, 1)
    throat = clip((0.62 * s.half_width - a) * q.unit, 0, 1) * (y > 0.3)
    cloth = clip((y - (s.chin + 0.16) + 0.35 * np.maximum(0.5 - a, 0)) * q.unit, 0, 1)
    z = height(p, s, x, y, wide) + bulge
    z = np.where(head > 0.5, z, np.where(ear > 0.3, np.float32(0.12), 0.1 * throat - 0.25)) + 0.07 * hair
    light = shade(p, q, z, x, y)

    tone = float(REFLECTANCE[p["tone"] - 1])
    body = 0.55 * tone * throat
    paint.cover(body, cloth, p["clothes"] ** 2 * 0.6)
    paint.cover(body, ear * (1 - head), 0.7 * tone)
    paint.cover(body, head, albedo)
    level = p["hair_level"] ** 2 if p["hair"] != "covered" else p["clothes"] ** 1.5 * 0.6
    paint.cover(body, hair, level * np.maximum(1 + 0.45 * strands, 0.2) + 0.012)
    solid = np.maximum(np.maximum(throat, cloth), np.maximum(np.maximum(ear, head), hair))
    radiance = light * body
    shine = np.maximum(light - 0.65, 0)
    radiance += 0.22 * shine * shine * head * (1 - hair)
    if p["glasses"]:
        wear.add_glasses(p, s, q, radiance, a, y)
    radiance *= p["exposure"] * p["light_level"]
    scene = backdrop * backdrop * (0.4 + 0.6 * p["light_level"])
    paint.cover(scene, solid, radiance)
    if p["occluder"] != "none":
        photo.add_occluder(p, scene, tone, shot)
    return photo.develop(p, scene, size, stream(seed, "grain", p["index"], p.get("frame", 0)))


def resolution(size: int) -> int:
    """Small images are drawn half as large again and averaged."""
    return size * 3 // 2 if size < 128 else size


def landmark_pixels(p: dict, size: int) -> np.ndarray:
    """The landmarks of `p` as pixel coordinates (30, 2)."""
    s = shape(displaced(p))
    return to_image(landmarks(s), pose(p, s, size)).astype(np.float32)


def face_box(p: dict, size: int) -> tuple[int, int, int, int]:
    """The box (x, y, w, h) of a face within its photograph: from the hairline to the chin, cheek to cheek."""
    at = landmark_pixels(p, size)
    low, high = at.min(0), at.max(0)
    top = low[1] - 0.35 * (high[1] - low[1])  # the landmarks begin at the brows
    left, top, right, bottom = np.clip([low[0], top, high[0], high[1]], 0, size - 1).round().astype(int).tolist()
    return left, top, right - left, bottom - top


def region_mask(p: dict, region: str, size: int, seed: int) -> np.ndarray:
    """Where a region of the face is seen: a mask (size, size) bool, without what something else covers."""
    s = shape(displaced(p))
    view = paint.whole(pose(p, s, size))
    seen = paint.fill(view, *polygons(s, region)) * paint.fill(view, contour(s)) > 0.5
    if p["occluder"] in ("hand", "object"):
        shot = stream(seed, "surroundings", p["index"])
        photo.backdrop(p, size, shot)  # takes its random numbers first, as it did for the photograph
        seen &= photo.occluder(p, size, shot)[0] < 0.6
    return seen


def contour(s: Shape) -> np.ndarray:
    """The outline of the head as a polygon in face space."""
    y = np.linspace(s.top, s.chin, 40)
    w = outline(s, y)
    return np.concatenate([np.stack([w, y], 1), np.stack([-w, y], 1)[::-1]])


def polygons(s: Shape, region: str) -> list[np.ndarray]:
    """The outlines of a region in face space, before the head's own contour cuts them."""
    brow = s.brow
    if region == "brows":
        grow = np.array([0, 1.2 * s.brow_t + 0.02])
        band = np.concatenate([brow - grow, (brow + grow)[::-1]])
        return [band, paint.mirrored(band)]
    if region == "eyes":
        eye = paint.ellipse(s.eye_x, s.eye_y, s.eye_r + 0.05, max(0.115, s.eye_y - s.lid[:, 1].min() + 0.04))
        return [eye, paint.mirrored(eye)]
    if region == "nose":
        top, low, w = s.eye_y - 0.08, s.nose_y + 0.08, s.nose_w + 0.05
        return [np.array([(-0.09, top), (0.09, top), (w, low - 0.1), (w, low), (-w, low), (-w, low - 0.1)])]
    if region == "mouth":
        grow = np.array([0, 0.035])
        wide = np.array([1.12, 1])
        return [np.concatenate([s.lip_outer_up * wide - grow, (s.lip_outer_low * wide + grow)[::-1]])]
    if region == "cheeks":
        cheek = paint.ellipse(0.45, 0.14, 0.20, 0.20)
        return [cheek, paint.mirrored(cheek)]
    low = float(brow[:, 1].min()) - 1.2 * s.brow_t - 0.03  # the forehead
    return [np.array([(-0.5, low), (-0.45, -0.78), (0.45, -0.78), (0.5, low)])]
