"""Question to passages."""

from kgslm.retrieval.index import Documents, PassageIndex, build_index
from kgslm.retrieval.protocol import RETRIEVERS, Retriever

__all__ = ["RETRIEVERS", "Documents", "PassageIndex", "Retriever", "build_index"]
