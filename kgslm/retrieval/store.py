"""The passages of an index on disk: one Arrow file, mapped into memory and read in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kgslm.errors import DataError, KgslmError
from kgslm.records import Passage

_SCHEMA = pa.schema(
    {
        "id": pa.large_string(),
        "text": pa.large_string(),
        "title": pa.large_string(),
        "source": pa.large_string(),
        "concepts": pa.large_list(pa.large_string()),
    }
)


class PassageStore(Sequence[Passage]):
    """Passages by row, in the order in which they were indexed."""

    def __init__(self, table: Any) -> None:
        batches = table.to_batches()
        self._batch = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=_SCHEMA)
        self._columns = [self._batch.column(name) for name in _SCHEMA.names]

    @classmethod
    def open(cls, path: Path) -> PassageStore:
        """Map the passages of ``path``. Raises KgslmError where the file is damaged."""
        try:
            table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except (OSError, pa.ArrowException) as error:
            raise KgslmError(f"{path}: damaged ({' '.join(str(error).split())}); build the index again") from error
        if table.schema != _SCHEMA:
            raise KgslmError(f"{path}: not the passages of an index; build the index again")
        return cls(table)

    @staticmethod
    def write(path: Path, passages: Iterable[Passage]) -> int:
        """Write passages; returns how many. Raises DataError where two have the same id."""
        columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
        seen: set[str] = set()
        for passage in passages:
            if passage.id in seen:
                raise DataError(f"the id {passage.id!r} occurs twice; give each document an id of its own")
            seen.add(passage.id)
            for name, values in columns.items():
                values.append(getattr(passage, name))
        batch = pa.record_batch([pa.array(columns[field.name], field.type) for field in _SCHEMA], schema=_SCHEMA)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
            writer.write_batch(batch)
        return len(seen)

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[index] for index in range(*row.indices(len(self)))]
        id_, text, title, source, concepts = (column[row].as_py() for column in self._columns)
        return Passage(id_, text, title, source, tuple(concepts))

    def about(self, concept: str) -> list[int]:
        """Rows of the passages that are first of all about this concept."""
        rows, firsts = self._firsts
        return [int(row) for row in rows[pc.equal(firsts, concept).to_numpy(zero_copy_only=False)]]

    @cached_property
    def _firsts(self) -> tuple[NDArray[np.int64], Any]:
        """The rows of the passages that name concepts, and the first concept of each."""
        concepts = self._batch.column(len(self._columns) - 1)
        offsets = concepts.offsets.to_numpy()
        rows = np.flatnonzero(offsets[1:] > offsets[:-1])
        return rows, concepts.values.take(pa.array(offsets[rows]))
