"""More training text that keeps its concepts."""

from kgslm.augmentation.protocol import AUGMENTERS, AugmentConfig, Augmenter, Draft, Source
from kgslm.augmentation.run import Augmented, AugmentReport, augment

__all__ = ["AUGMENTERS", "AugmentConfig", "AugmentReport", "Augmented", "Augmenter", "Draft", "Source", "augment"]
