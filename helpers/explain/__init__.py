"""What a net looks at, and how right such maps are.

methods.py       how each map is made: start here           network.py     a net made ready to be explained
truth.py         counterfactual faces, scores against them  validation.py  what a caller passes, checked
faithfulness.py  deletion and insertion, the sanity check
"""

from .faithfulness import agreement, deletion_insertion, sanity_check
from .methods import (
    METHODS,
    baselines,
    gradcam,
    gradcam_plus_plus,
    integrated_gradients,
    occlusion,
    saliency,
    scorecam,
    smoothgrad,
)
from .network import logits, prepare
from .truth import ACTIVE, UNIT_REGIONS, counterfactual, decisive, region_masks, region_shares, scores

__all__ = [
    "ACTIVE", "METHODS", "UNIT_REGIONS", "agreement", "baselines", "counterfactual", "decisive", "deletion_insertion",
    "gradcam", "gradcam_plus_plus", "integrated_gradients", "logits", "occlusion", "prepare", "region_masks",
    "region_shares", "saliency", "sanity_check", "scorecam", "scores", "smoothgrad",
]  # fmt: skip
