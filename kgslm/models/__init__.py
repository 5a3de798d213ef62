"""Which backbone: the catalogue of known small models, loading, device and precision."""

from kgslm.caching import cache_folder
from kgslm.models.catalogue import MODELS, KnownModel, find_model, known_model
from kgslm.models.device import DeviceChoice, pick_device
from kgslm.models.loading import Backbone, load_backbone, load_decoder, load_sequence_to_sequence
from kgslm.models.resolve import installed, resolve_model

__all__ = [
    "MODELS",
    "Backbone",
    "DeviceChoice",
    "KnownModel",
    "cache_folder",
    "find_model",
    "installed",
    "known_model",
    "load_backbone",
    "load_decoder",
    "load_sequence_to_sequence",
    "pick_device",
    "resolve_model",
]
