"""Labelled texts: one label each, or any number of labels each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import record_id, text_field
from kgslm.errors import DataError
from kgslm.records import Example
from kgslm.registry import Registry

FORMATS = Registry("kgslm.formats", {"jsonl": "kgslm.data.jsonl:read_jsonl", "csv": "kgslm.data.tables:read_csv"})
"""Format name to a function ``path -> iterator of ("file:line", record)``."""

_TEXT_PAIR = "text_pair"


@dataclass(frozen=True, slots=True)
class Fields:
    """Which field of a record holds what; ``label`` also takes a list, ``labels`` is looked at beside it."""

    text: str = "text"
    label: str = "label"
    text_pair: str = _TEXT_PAIR


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled examples with unique ids. multi_label: whether an example may have any number of labels."""

    examples: tuple[Example, ...]
    multi_label: bool = False

    def __len__(self) -> int:
        return len(self.examples)

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)

    @property
    def labels(self) -> tuple[str, ...]:
        """The distinct labels, sorted."""
        return tuple(sorted({label for example in self.examples for label in example.labels}))

    def counts(self) -> Counter[str]:
        """How many examples carry each label."""
        return Counter(label for example in self.examples for label in example.labels)

    def keep(self, examples: Sequence[Example]) -> Dataset:
        """The same kind of data set with other examples."""
        return replace(self, examples=tuple(examples))


def as_dataset(
    data: Dataset | Sequence[Example] | Path | str,
    fields: Fields | None = None,
    *,
    read: Callable[[Path | str, Fields | None], Dataset] | None = None,
) -> Dataset:
    """A data set from what users have: one, a sequence of examples, or a file.

    read: of a file; by default that of classification. Examples are multi-label where one of them does not have exactly
    one label.
    """
    if isinstance(data, Dataset):
        return data
    if isinstance(data, Path | str):
        return (read or read_examples)(data, fields)
    return Dataset(tuple(data), multi_label=any(len(example.labels) != 1 for example in data))


def read_examples(path: Path | str, fields: Fields | None = None, *, labelled: bool = True) -> Dataset:
    """Read classification data from JSONL, CSV or TSV, packed or not.

    labelled: whether a missing label is an error; without labels an example has none. Empty texts are kept.
    Raises DataError with file and line for a record that lacks a field, repeats an id or mixes label forms.
    """
    fields = fields or Fields()
    examples: list[Example] = []
    seen: dict[str, str] = {}
    forms: set[bool] = set()
    for where, record in read_records(path):
        labels, is_list = read_labels(record, fields.label, where, required=labelled)
        check_form(forms, is_list, where)
        key = record_id(record, where)
        if key in seen:
            raise DataError(f"{where}: the id {key!r} is already used at {seen[key]}; ids must be unique")
        seen[key] = where
        text, pair = text_field(record, fields.text, where), _pair(record, fields.text_pair, where)
        examples.append(Example(key, text, labels, text_pair=pair))
    if not examples:
        raise DataError(f"{path}: the file has no examples")
    return Dataset(tuple(examples), multi_label=True in forms)


def read_records(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", record)`` pairs of JSONL, CSV or TSV, packed or not; the file's ending says which."""
    suffix = Path(str(path).removesuffix(".gz")).suffix.removeprefix(".").replace("tsv", "csv")
    read: Callable[[Path | str], Iterator[tuple[str, dict[str, Any]]]]
    read = FORMATS.load(suffix if suffix in FORMATS.names() else "jsonl")
    return read(path)


def _pair(record: Mapping[str, Any], key: str, where: str) -> str | None:
    """The second text; None where the field is empty, or is not there and nobody named it."""
    if record.get(key) is None and (key in record or key == _TEXT_PAIR):
        return None
    return text_field(record, key, where)


def check_form(seen: set[bool], is_list: bool | None, where: str) -> None:
    """Add the form of a record's labels to those seen in its file. Raises DataError where there are then two."""
    if is_list is not None:
        seen.add(is_list)
    if len(seen) > 1:
        raise DataError(f"{where}: one label and a list of labels are mixed in one file; use one form")


def read_labels(
    record: Mapping[str, Any], key: str, where: str, *, required: bool = True
) -> tuple[tuple[str, ...], bool | None]:
    """The labels of a record, and whether they came as a list (None where there are none at all).

    key: the field; ``labels`` is looked at where it is missing or null. Raises DataError for what is no label, for
    ``label`` and ``labels`` in one record, and for a record without labels where they are required.
    """
    value, listed = record.get(key), record.get("labels")
    if key == "label" and value is not None and listed is not None:
        raise DataError(f"{where}: both 'label' and 'labels' are there; keep one")
    if value is None:
        value = listed
    if isinstance(value, list):
        if not all(isinstance(label, str | int) and label != "" for label in value):
            raise DataError(f"{where}: every label must be a string that is not empty, or a whole number")
        return tuple(dict.fromkeys(str(label) for label in value)), True
    if isinstance(value, str | int | bool) and str(value) != "":
        return (str(value),), False
    if value is None or value == "":
        if not required:
            return (), None
        raise DataError(f"{where}: no label; the field {key!r} or 'labels' is needed")
    raise DataError(f"{where}: the label must be a string, a whole number or a list of them")
