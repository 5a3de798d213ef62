"""Augment a file of labelled examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kgslm.augmentation import AugmentConfig, Augmented, Augmenter, AugmentReport, augment
from kgslm.config import parse_config
from kgslm.data.classification import check_form, read_labels, read_records
from kgslm.data.jsonl import jsonl_writer, record_id, text_field
from kgslm.data.spans import read_entities
from kgslm.errors import ConfigError, DataError
from kgslm.packs import KnowledgePack
from kgslm.records import Example

_OF_THE_OLD_TEXT = ("links", "mentions")
"""Fields that say where something stands in the original text; a new record does not have them."""

Record = dict[str, Any]


def parse_methods(names: str, factor: int = 1, model: str | None = None) -> list[AugmentConfig]:
    """The configurations of ``NAME[,NAME]``. model: ``MODEL,BACK``, two MarianMT models for back-translation.

    Raises ConfigError for an unknown name.
    """
    methods = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        data: Record = {"method": name, "factor": factor}
        if model and name == "back-translation":
            there, _, back = model.partition(",")
            data |= {"model": there.strip() or None, "back_model": back.strip() or None}
        methods.append(parse_config(data, AugmentConfig, where="--method", base=Path()))
    if not methods:
        raise ConfigError("--method: name at least one method")
    if model and not any(method.method == "back-translation" for method in methods):
        raise ConfigError("--model: only back-translation uses it; add --method back-translation")
    return methods


def augment_file(
    pack: KnowledgePack,
    data: Path | str,
    output: Path | str,
    methods: Sequence[AugmentConfig | Augmenter | str],
    *,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> AugmentReport:
    """Write the originals as they are, then the new examples. The data are JSONL, CSV or TSV, the output JSONL.

    A new record has the fields of its original with its own ``id``, ``text`` and moved ``entities``, and says in
    ``augmented_from``, ``method`` and ``pack`` (a fingerprint) where it comes from.
    Raises DataError with file and line for a bad record.
    """
    records: dict[str, Record] = {}
    examples = []
    forms: set[bool] = set()
    for where, record in read_records(data):
        _check_labels(record, where, forms)
        key = record_id(record, where)
        if key in records:
            raise DataError(f"{where}: the id {key!r} is already used; ids must be unique")
        record = {**record, "id": key, "text": text_field(record, "text", where)}
        records[key] = record
        examples.append(Example(key, record["text"], entities=read_entities(record, where)))
    report = augment(examples, pack=pack, methods=methods, seed=seed, progress=progress)
    with jsonl_writer(output) as writer:
        for record in records.values():
            writer.write(record)
        for new in report.augmented:
            writer.write(_new_record(records[new.origin], new, report.pack))
    return report


def _check_labels(record: Record, where: str, forms: set[bool]) -> None:
    """Raise DataError where training would: augmented data are no place to find that out. No field at all is fine."""
    labelled = not record.keys().isdisjoint(("label", "labels"))
    check_form(forms, read_labels(record, "label", where, required=labelled)[1], where)


def _new_record(original: Record, new: Augmented, pack: str) -> Record:
    record = {key: value for key, value in original.items() if key not in _OF_THE_OLD_TEXT}
    record |= {"id": new.example.id, "text": new.example.text}
    if original.get("entities"):
        record["entities"] = [
            {**old, "start": moved.start, "end": moved.end, **_surface(old, new.example.text[moved.start : moved.end])}
            for old, moved in zip(original["entities"], new.example.entities, strict=True)
        ]
    return {**record, "augmented_from": new.origin, "method": new.method, "pack": pack}


def _surface(entity: Record, surface: str) -> Record:
    """The entity's ``text``, where the data writes it out."""
    return {"text": surface} if "text" in entity else {}
