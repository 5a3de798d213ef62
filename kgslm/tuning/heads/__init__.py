"""Heads: from the backbone's states to the task."""

from kgslm.tuning.heads.base import Head
from kgslm.tuning.heads.classification import ClassificationHead, pooled_mean
from kgslm.tuning.heads.relations import RelationHead
from kgslm.tuning.heads.tagging import TaggingHead

__all__ = ["ClassificationHead", "Head", "RelationHead", "TaggingHead", "pooled_mean"]
