"""Scores with their uncertainty, comparisons of two runs, calibration. Works on arrays alone."""

from .calibration import brier, ece, nll, reliability, temperature, tempered
from .comparing import Comparison, compare, holm, mcnemar
from .intervals import bootstrap, share, wilson
from .scores import mistakes, report, roc
from .tables import Report

__all__ = [
    "Comparison", "Report", "bootstrap", "brier", "compare", "ece", "holm", "mcnemar", "mistakes", "nll",
    "reliability", "report", "roc", "share", "temperature", "tempered", "wilson",
]  # fmt: skip
