"""Answers out, each with its sources."""

from kgslm.serving.answerer import Answerer, Reader
from kgslm.serving.extractive import ExtractiveReader

__all__ = ["Answerer", "ExtractiveReader", "Reader"]
