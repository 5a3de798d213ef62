"""Text to concepts."""

from kgslm.linking.protocol import LINKERS, Linker

__all__ = ["LINKERS", "Linker"]
