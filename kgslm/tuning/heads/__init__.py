"""Heads: from the backbone's states to the task."""

from kgslm.tuning.heads.classification import ClassificationHead, pooled_mean

__all__ = ["ClassificationHead", "pooled_mean"]
