"""What a net looks at, and how right such maps are: methods, counterfactual faces, scores, a sanity check.

Every method takes (model, images, classes) and gives maps (n, height, width), float32, from 0 to 1. All of them explain
logits, the values before the softmax: a probability also moves when another class does.
"""

from .cams import gradcam, gradcam_plus_plus, scorecam
from .counterfactuals import counterfactual, decisive
from .curves import deletion_insertion
from .fills import filled
from .gradients import integrated_gradients, saliency, smoothgrad
from .network import logits
from .occluding import occlusion
from .regions import ACTIVE, UNIT_REGIONS, changed, region_masks
from .sanity import METHODS, sanity_check
from .scoring import agreement, region_shares, scores

__all__ = [
    "ACTIVE", "METHODS", "UNIT_REGIONS", "agreement", "changed", "counterfactual", "decisive", "deletion_insertion",
    "filled", "gradcam", "gradcam_plus_plus", "integrated_gradients", "logits", "occlusion", "region_masks",
    "region_shares", "saliency", "sanity_check", "scorecam", "scores", "smoothgrad",
]  # fmt: skip
