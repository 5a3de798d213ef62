"""Adapters: what is trained inside the backbone. A configuration builds its part."""

from kgslm.tuning.adapters.base import ADAPTERS, Adapter
from kgslm.tuning.adapters.lora import LoraAdapter

__all__ = ["ADAPTERS", "Adapter", "LoraAdapter"]
