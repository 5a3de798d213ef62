"""What can be made again, kept in the user's cache folder: fetched sources, converted weights, and a bounded store of
links, hidden states and vectors that several processes share."""

from kgslm.caching.code import code_version
from kgslm.caching.folder import cache_folder
from kgslm.caching.space import STORE, Cache, CacheKind, clear, key_of, usage
from kgslm.caching.store import Store

__all__ = ["STORE", "Cache", "CacheKind", "Store", "cache_folder", "clear", "code_version", "key_of", "usage"]
