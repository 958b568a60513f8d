"""Who is photographed, and how: identity, age, skin tone, hair, glasses; then pose, light, camera.

Each function takes the same number of random numbers whatever they turn out to be, so that fixing one condition
changes no other.
"""

import numpy as np

AGE_GROUPS = ("1-2", "3-9", "10-20", "21-27", "28-45", "46-65", "66-116")
HAIR = ("bald", "short", "fringe", "long", "curly", "tied", "covered")
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
OCCLUDERS = ("none", "hand", "object", "strand", "caption")
#: Grey value (0-255) of the ten swatches of the Monk skin tone scale.
MONK = np.array([238, 232, 234, 218, 191, 132, 98, 71, 50, 37]) / 255.0
#: Share of light that skin of each tone reflects.
REFLECTANCE = 0.04 + 0.58 * MONK**2

AGE_SHARES = np.cumsum([0.04, 0.09, 0.15, 0.22, 0.28, 0.14, 0.08])
TONE_SHARES = np.cumsum([0.12, 0.15, 0.16, 0.15, 0.13, 0.09, 0.07, 0.06, 0.04, 0.03])


def pick(names: tuple, shares: list, u: float) -> str:
    """The name that a number between 0 and 1 selects, given each name's share."""
    edges = np.cumsum(shares)
    return names[min(int(np.searchsorted(edges, u * edges[-1])), len(names) - 1)]


def sample_person(rng: np.random.Generator) -> dict:
    """One identity: head and features as multiples of an average face, and what it wears."""
    z = 1.25 * np.clip(rng.standard_normal(24), -2.0, 2.0)
    u = rng.random(16)
    age = min(int(np.searchsorted(AGE_SHARES, u[0])), 6)
    robust = float(np.clip(0.5 + 0.3 * z[0], 0, 1)) * (0.35 if age < 2 else 1.0)
    hair = pick(HAIR, [0.4 * robust * (1 + age / 3), 3, 1.5, 3.5 - 3 * robust, 0.8, 1.4, 0.35], u[1])
    bearded = age >= 3 and robust > 0.5 and u[2] < 0.55
    grey = 1.0 if age == 6 else 0.5 if age == 5 and u[4] < 0.6 else 0.0
    tone = min(int(np.searchsorted(TONE_SHARES, u[5])), 9) + 1
    dark_hair = np.clip(0.10 + 0.30 * u[6] ** 2 * (tone < 6) + 0.35 * grey * u[7], 0.04, 0.75)
    person = dict(
        tone=tone,
        age_group=AGE_GROUPS[age],
        robust=robust,
        face_width=1 + 0.07 * z[1],
        jaw_width=0.94 + 0.12 * robust + 0.05 * z[2],
        chin_length=1 + 0.05 * z[3] + 0.04 * (robust - 0.5),
        cheek=1 + 0.3 * z[4],
        eye_spacing=1 + 0.05 * z[5],
        eye_size=1 + 0.09 * z[6] - 0.08 * (robust - 0.5),
        eye_tilt=0.05 * z[7],
        eye_height=0.02 * z[8],
        brow_height=0.02 * z[9] + 0.04 * (0.5 - robust),
        brow_thickness=(0.75 + 0.5 * robust) * (1 + 0.2 * z[10]),
        brow_arch=0.5 + 0.35 * z[11] + 0.5 * (0.5 - robust),
        brow_darkness=float(np.clip(0.86 + 0.15 * z[12] - 0.4 * (dark_hair > 0.3), 0.25, 1)),
        nose_length=1 + 0.08 * z[13],
        nose_width=1 + 0.13 * z[14] + 0.15 * (robust - 0.5),
        nose_height=1 + 0.2 * z[15],
        mouth_width=1 + 0.08 * z[16],
        mouth_height=0.02 * z[17],
        lips=float(np.clip(1 + 0.25 * z[18] + 0.4 * (0.5 - robust), 0.45, 1.8)),
        lip_colour=float(np.clip(0.55 + 0.10 * z[19] - 0.2 * (robust < 0.4) * u[8], 0.2, 0.8)),
        eye_colour=0.03 + 0.22 * u[9] ** 2 * (tone < 6),
        hair=hair,
        hair_level=float(dark_hair),
        hairline=-0.86 + 0.06 * z[20] - 0.08 * robust * (age >= 4),
        hair_volume=1 + 0.25 * abs(z[21]),
        parting=0.5 * z[22],
        beard=pick(BEARDS[1:], [4, 1, 1, 1.5], u[10]) if bearded else "none",
        glasses=bool(u[11] < 0.09 + 0.03 * age),
        glasses_shape=float(u[12]),
        dark_glasses=bool(u[13] < 0.06),
        freckles=float(max(0.0, u[14] - 0.85) / 0.15) if tone <= 5 else 0.0,
        asymmetry=0.3 * z[23],
        lines=0.5 + 1.3 * u[15] ** 2,
        mottle=0.02 + 0.09 * u[3],
    )
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in person.items()}


def sample_shot(rng: np.random.Generator, tone: int) -> dict:
    """One shot: pose, framing, light, exposure (the camera makes up for part of the tone), what is in the way."""
    z = np.clip(rng.standard_normal(20), -2.3, 2.3)
    u = rng.random(16)
    underexposed = u[0] < 0.07
    level = 0.12 + 0.2 * u[1] if underexposed else 0.65 + 0.35 * u[1]
    side = np.sin(1.2 * z[0])
    return dict(
        light_level=float(level),
        light_x=float(0.9 * side),
        light_y=float(-0.35 + 0.3 * z[1]),
        light_softness=float(np.clip(0.5 + 0.25 * z[2], 0.05, 0.95)),
        exposure=float(1.75 * (0.35 / REFLECTANCE[tone - 1]) ** (0.6 + 0.1 * z[3]) * np.exp2(0.22 * z[4])),
        contrast=float(1.1 + 0.22 * z[5]),
        roll=float(10 * z[6] * (u[2] < 0.8)),
        yaw=float(16 * z[7]),
        pitch=float(8 * z[8]),
        scale=float(1.13 + 0.11 * z[9]),
        shift_x=float(0.07 * z[10]),
        shift_y=float(0.07 * z[11]),
        gaze_x=float(0.35 * z[12]),
        gaze_y=float(0.2 * z[13]),
        background=float(u[3] ** 0.8),
        background_texture=float(max(0, u[4] - 0.4) * 0.6),
        clothes=float(u[5]),
        occluder=pick(OCCLUDERS, [0.86, 0.05, 0.03, 0.03, 0.03], u[6]),
        occluder_x=float(2 * u[7] - 1),
        occluder_y=float(2 * u[8] - 1),
        blur=float(0.1 + 0.6 * u[9] ** 3),
        noise=float(0.5 + 3.5 * u[10] ** 2),
        jpeg=int(60 + 38 * u[11]),
        vignette=float(0.25 * u[12] ** 2),
    )
