"""Tables on disk: one Arrow IPC file each, mapped into memory and read in place.

Nothing is copied or indexed at open, so a pack of a million concepts opens as fast as one of ten. Single values are
read through memory views of the Arrow buffers, which is several times faster than pyarrow's scalars.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, overload

import numpy as np
import pyarrow as pa

from kgslm.errors import PackError
from kgslm.packs.hashing import key_hash

Value = TypeVar("Value", str, int)

STRING = pa.large_string()
STRINGS = pa.large_list(pa.large_string())
INTEGERS = pa.large_list(pa.int32())
_CODES = {pa.int32(): "i", pa.int64(): "q", pa.uint64(): "Q", pa.uint8(): "B"}

_VALUES = ("definitions", "categories", "tree", "xrefs", "alt_ids", "replaced_by")

CONTENT = {
    # Sorted by id. obsolete is 0 or 1. Every source is a row of "sources"; those of a list are parallel to it.
    "concepts": pa.schema(
        {
            "id": STRING,
            "name": STRING,
            **dict.fromkeys(_VALUES, STRINGS),
            "obsolete": pa.uint8(),
            "source": pa.int32(),
            **dict.fromkeys((f"{field}_sources" for field in _VALUES), INTEGERS),
        }
    ),
    # Sorted by concept (a row of "concepts"), then by kind (an index of NAME_KINDS); type is a row of "types".
    "names": pa.schema(
        {"concept": pa.int32(), "name": STRING, "kind": pa.uint8(), "type": pa.int32(), "source": pa.int32()}
    ),
    # Sorted by subject, predicate, object; predicate is a row of "predicates", whose row 0 is is_a.
    "relations": pa.schema(
        {"subject": pa.int32(), "predicate": pa.int32(), "object": pa.int32(), "source": pa.int32()}
    ),
    "predicates": pa.schema({"id": STRING, "name": STRING, "source": pa.int32()}),
    "types": pa.schema({"id": STRING}),
    "sources": pa.schema({"keys": STRINGS}),
}
"""What the pack says and who says it. A row of "sources" is a set of sources, so that one number is enough."""

FINDINGS = pa.schema(
    {
        **dict.fromkeys(("source", "reason", "policy", "unit", "file"), STRING),
        "line": pa.int32(),
        "message": STRING,
        "times": pa.int64(),
    }
)
"""What the build found wrong."""


def is_provenance(table: str, column: str) -> bool:
    """Whether a column tells who says something, and not what is said."""
    return table == "sources" or column == "source" or column.endswith("_sources")


_HASHED = pa.schema({"hash": pa.uint64(), "row": pa.int32()})
INDEXES = {
    "id_index": _HASHED,  # id or alternative id -> row of "concepts"
    "name_index": _HASHED,  # normalised name -> row of "names"
    "tree_index": _HASHED,  # tree number -> row of "concepts"
    # One row more than there are concepts: where a concept's names, relations and incoming relations start.
    "spans": pa.schema({"names": pa.int64(), "subjects": pa.int64(), "objects": pa.int64()}),
    # Rows of "relations", sorted by object, predicate, subject.
    "incoming": pa.schema({"relation": pa.int32()}),
}
"""What lookups need; all of it follows from the content."""

_SCHEMAS = {**CONTENT, **INDEXES, "findings": FINDINGS}


class Strings(Sequence[str]):
    """A column of strings, read in place."""

    def __init__(self, array: Any) -> None:
        _, offsets, data = array.buffers()
        self._length = len(array)
        self._offsets = memoryview(offsets).cast("q") if self._length else memoryview(bytes(8)).cast("q")
        self._data = memoryview(data) if data is not None else memoryview(b"")

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(self._length))]
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(index)
        return str(self._data[self._offsets[index] : self._offsets[index + 1]], "utf-8")

    def __iter__(self) -> Iterator[str]:
        offsets, data = self._offsets, self._data
        start = offsets[0]
        for row in range(1, self._length + 1):
            end = offsets[row]
            yield str(data[start:end], "utf-8")
            start = end


class Lists(Generic[Value]):
    """A column of lists, read in place. values: the items of all lists, one after the other."""

    def __init__(self, array: Any, values: Sequence[Value] | memoryview[int]) -> None:
        self._offsets = memoryview(array.buffers()[1]).cast("q") if len(array) else memoryview(bytes(8)).cast("q")
        self._values: Any = values

    def __getitem__(self, row: int) -> tuple[Value, ...]:
        start, end = self._offsets[row], self._offsets[row + 1]
        if start == end:
            return ()
        values = self._values
        return tuple([values[index] for index in range(start, end)])


class HashIndex:
    """Finds rows by the 64-bit hash of a key. Hashes may clash: the caller compares the key itself."""

    def __init__(self, table: Any) -> None:
        self._hashes = numbers(table, "hash")
        self._rows = numbers(table, "row")

    def candidates(self, key: str) -> Iterator[int]:
        """Rows whose key may be ``key``, in ascending order."""
        wanted = key_hash(key)
        hashes = self._hashes
        for position in range(bisect_left(hashes, wanted), len(hashes)):
            if hashes[position] != wanted:
                return
            yield self._rows[position]

    @staticmethod
    def columns(hashes: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> dict[str, Any]:
        """The columns of an index table. hashes: of the keys, see ``hashing.key_hashes``; rows: where each leads."""
        order = np.lexsort((rows, hashes))
        return {"hash": hashes[order], "row": rows[order].astype(np.int32)}


def numbers(table: Any, column: str) -> memoryview[int]:
    """A column of integers, read in place; its items are Python integers."""
    return _numbers(_single(table, column))


def _numbers(array: Any) -> memoryview[int]:
    if not len(array):
        return memoryview(b"").cast(_CODES[array.type])  # type: ignore[call-overload,no-any-return]
    view = memoryview(array.buffers()[1]).cast(_CODES[array.type])  # type: ignore[call-overload]
    return view[: len(array)]  # type: ignore[no-any-return]


def vector(table: Any, column: str) -> np.ndarray[Any, Any]:
    """A column of integers as a read-only NumPy array that shares the mapped memory."""
    # Not pyarrow's to_numpy: that imports pandas where it is installed.
    array = _single(table, column)
    dtype = np.dtype(_CODES[array.type])
    return np.frombuffer(array.buffers()[1], dtype, len(array)) if len(array) else np.empty(0, dtype)


def strings(table: Any, column: str) -> Strings:
    """A column of strings."""
    return Strings(_single(table, column))


def string_lists(table: Any, column: str) -> Lists[str]:
    """A column of lists of strings."""
    array = _single(table, column)
    return Lists(array, Strings(array.values))


def integer_lists(table: Any, column: str) -> Lists[int]:
    """A column of lists of integers."""
    array = _single(table, column)
    return Lists(array, _numbers(array.values))


def make_table(name: str, columns: dict[str, Any]) -> Any:
    """An Arrow table of the schema that belongs to ``name``."""
    schema = _SCHEMAS[name]
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


class Ragged(NamedTuple):
    """A column of lists by its parts: the lengths of all lists, and their items one after the other."""

    lengths: Any
    items: Sequence[Any]


def _array(values: Any, type_: Any) -> Any:
    """An Arrow array from Python values, from a NumPy array of integers, or from the parts of a column of lists.

    Made of buffers and not by ``pa.array``, which imports pandas where it is installed, and is slower.
    """
    if type_ == STRING:
        encoded = [value.encode() for value in values]
        buffers = [None, _ends(list(map(len, encoded))), pa.py_buffer(b"".join(encoded))]
        return pa.Array.from_buffers(type_, len(encoded), buffers)
    if type_ in (STRINGS, INTEGERS):
        lengths, items = (
            values if isinstance(values, Ragged) else (list(map(len, values)), [*chain.from_iterable(values)])
        )
        children = [_array(items, type_.value_type)]
        return pa.Array.from_buffers(type_, len(lengths), [None, _ends(lengths)], children=children)
    data = np.ascontiguousarray(values, _CODES[type_])
    return pa.Array.from_buffers(type_, len(data), [None, pa.py_buffer(data)])


def _ends(lengths: Any) -> Any:
    """Where each item starts, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return pa.py_buffer(offsets)


def write_table(folder: Path, name: str, table: Any) -> None:
    """Write one table as one record batch."""
    with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        batches = table.combine_chunks().to_batches()
        empty = [_array([], field.type) for field in table.schema]
        writer.write_batch(batches[0] if batches else pa.RecordBatch.from_arrays(empty, schema=table.schema))


def open_table(folder: Path, name: str) -> Any:
    """Map one table into memory. Raises PackError where it is damaged or of another form."""
    path = folder / f"{name}.arrow"
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowException) as error:
        raise PackError(f"{path}: damaged table ({' '.join(str(error).split())}); build the pack again") from error
    if table.schema != _SCHEMAS[name]:
        raise PackError(f"{path}: the table has other columns than a pack of this format; build the pack again")
    return table


def column_digests(table: Any) -> dict[str, str]:
    """SHA-256 of each column's values, independent of how the file lays them out."""
    digests = {}
    for column in table.schema:
        digest = hashlib.sha256(f"{column.name}:{column.type}:{table.num_rows};".encode())
        _update(digest, _single(table, column.name))
        digests[column.name] = digest.hexdigest()
    return digests


def _update(digest: Any, array: Any) -> None:
    length = len(array)
    if array.type in (STRINGS, INTEGERS):
        digest.update(_bytes(array.buffers()[1], (length + 1) * 8) if length else bytes(8))
        _update(digest, array.values)
    elif array.type == STRING:
        _, offsets, data = array.buffers()
        digest.update(_bytes(offsets, (length + 1) * 8) if length else bytes(8))
        digest.update(_bytes(data, memoryview(offsets).cast("q")[length]) if length and data is not None else b"")
    else:
        digest.update(_bytes(array.buffers()[1], length * array.type.bit_width // 8) if length else b"")


def _bytes(buffer: Any, length: int) -> memoryview[int]:
    return memoryview(buffer)[:length]


def _single(table: Any, column: str) -> Any:
    """The one chunk of a column; an empty array where the table has no rows."""
    chunked = table.column(column)
    return chunked.chunk(0) if chunked.num_chunks else pa.array([], chunked.type)
