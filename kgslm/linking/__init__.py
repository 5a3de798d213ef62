"""Text to concepts."""

from kgslm.linking.protocol import LINKERS, Linker, LinkerSpec, MentionsLinker
from kgslm.linking.settings import LinkSettings

__all__ = ["LINKERS", "LinkSettings", "Linker", "LinkerSpec", "MentionsLinker"]
