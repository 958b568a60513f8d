"""Heatmaps of one face: where covering a small window lowers the class's logit. Slow."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image
from werkzeug.exceptions import UnprocessableEntity

WINDOW, STRIDE = 8, 4  # pixels of the 48: 121 windows
SIDE = 384  # of the PNG


def occlusion(predictor, crop: np.ndarray, code: int) -> np.ndarray:
    """(48, 48) from 0 to 1: how far the logit of that class falls where the crop is covered."""
    from helpers import explain

    try:
        return explain.occlusion(predictor.prepared, crop[None], [code], window=WINDOW, stride=STRIDE)[0]
    except ValueError as problem:  # a crop of one grey, a model whose logits are not to be had
        raise UnprocessableEntity(f"This face cannot be explained. {problem}") from problem


def png(crop: np.ndarray, heat: np.ndarray) -> bytes:
    """The crop in grey, the map in colour over it: the warmer, the more the answer depends on that place."""
    face = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)[..., None].astype(np.float32)
    heat = np.clip(cv2.resize(heat.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), 0, 1)
    colour = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    share = 0.7 * heat[..., None]
    out = io.BytesIO()
    Image.fromarray(((1 - share) * face + share * colour).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
