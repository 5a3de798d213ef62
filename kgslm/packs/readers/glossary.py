"""Glossaries as people keep them: CSV, YAML or JSONL with names, definition, category, parents and see-also."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import Field

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.ids import NameIds, with_prefix
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation, place
from kgslm.packs.readers.delimited import Dialect, delimited_rows
from kgslm.packs.readers.records import json_records
from kgslm.packs.readers.tbx import TbxReader
from kgslm.packs.readers.values import text_of
from kgslm.packs.sections import Origin
from kgslm.packs.sources import SourceConfig
from kgslm.records import IS_A

_FIELDS = {
    "id": "id",
    "term": "term",
    "name": "term",
    "label": "term",
    "synonyms": "synonyms",
    "synonym": "synonyms",
    "abbreviations": "abbreviations",
    "abbreviation": "abbreviations",
    "broad": "broad",
    "narrow": "narrow",
    "related": "related",
    "definition": "definition",
    "category": "category",
    "categories": "category",
    "parents": "parents",
    "parent": "parents",
    "xrefs": "xrefs",
    "see_also": "see_also",
    "source": "source",
}
"""What the keys and column heads mean; hyphens, spaces and capitals do not matter."""

_NAMES = {
    "synonyms": ("exact", ""),
    "abbreviations": ("exact", "abbreviation"),
    "broad": ("broad", ""),
    "narrow": ("narrow", ""),
    "related": ("related", ""),
}
"""Field to the kind and type of the names in it."""

Entry = tuple[int, Mapping[str, Any]]


class GlossarySource(SourceConfig):
    """A glossary: CSV or TSV with a header, a YAML list (or mapping of terms), JSONL, or TBX 2 and 3.

    Fields of a term: ``term`` (needed), ``id``, ``definition``, ``source`` and lists: ``synonyms``, ``abbreviations``,
    ``broad``, ``narrow`` and ``related`` hold names (related: words that point to the term without meaning it, such as
    the cue phrases of a clause), ``category`` and ``xrefs`` texts, ``parents`` (the concept is one of them) and
    ``see_also`` terms or ids; both become relations, with ``source`` as what they were taken from.

    TBX has terms and definitions in several languages, subject fields (categories), cross-references (``see_also``)
    and broader concepts; deprecated terms become names of the type ``deprecated``.

    list_separator: between the items of one cell; YAML and JSONL may use lists.
    id_prefix: put before ids; without ids the slug of the term is it.
    language: of a termbase's terms and definitions, ``en`` or ``de-CH``, or several in order of preference, or ``*``.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".yaml", ".yml", ".jsonl", ".ndjson", ".tbx")
    example: ClassVar[tuple[str, str]] = (
        "findings.csv",
        "term,synonyms,definition,see_also\nFever,Pyrexia,High body temperature.,Cough\nCough,,,\n",
    )

    kind: Literal["glossary"] = "glossary"
    list_separator: Annotated[str, Field(min_length=1)] = "|"
    id_prefix: str = ""
    language: str | tuple[str, ...] = "en"

    def origin(self, key: str) -> Origin:
        """Relation ends may be names, or ids without their prefix."""
        return Origin(key, True, self.id_prefix, self.on_missing)

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the terms. Raises PackError where a file is broken or an entry has no term."""
        ids = NameIds(self.id_prefix)
        languages = (self.language,) if isinstance(self.language, str) else self.language
        termbases = TbxReader(() if "*" in languages else languages, self.id_prefix, ids)
        for file in files:
            if file.suffix in (".tbx", ".xml"):
                yield from termbases.read(file)
                continue
            unused: set[str] = set()
            for line, raw in _entries(file):
                yield from self._items(_fields(raw, unused), place(file.name, line), (file.name, line), ids)
            for key in sorted(unused):
                yield Finding("field not used", f"the field {key!r} has no meaning in a glossary", "note", file.name)

    def _items(self, entry: dict[str, Any], where: str, at: tuple[str, int], ids: NameIds) -> Iterator[Item]:
        term = text_of(entry.get("term"), "term", where)
        if not term:
            raise PackError(f"{where}: the entry has no term")
        given = text_of(entry.get("id"), "id", where)
        id_ = with_prefix(given, self.id_prefix) if given else ids(term)
        yield SourceConcept(
            id_,
            term,
            tuple(self._names(entry, where)),
            text_of(entry.get("definition"), "definition", where),
            self._list(entry.get("category"), "category", where),
            xrefs=self._list(entry.get("xrefs"), "xrefs", where),
            file=at[0],
            line=at[1],
        )
        detail = text_of(entry.get("source"), "source", where)
        for field, predicate in (("parents", IS_A), ("see_also", "see_also")):
            for other in self._list(entry.get(field), field, where):
                yield SourceRelation(id_, predicate, other, detail, *at)

    def _names(self, entry: dict[str, Any], where: str) -> Iterator[SourceName]:
        for field, (kind, type_) in _NAMES.items():
            if field in entry:
                for text in self._list(entry[field], field, where):
                    yield SourceName(text, kind, type_)

    def _list(self, value: Any, field: str, where: str) -> tuple[str, ...]:
        parts = value if isinstance(value, list) else text_of(value, field, where).split(self.list_separator)
        return tuple([text for part in parts if (text := text_of(part, field, where))])


def _entries(file: SourceFile) -> Iterator[Entry]:
    if file.suffix in (".yaml", ".yml"):
        yield from _yaml(file)
    elif file.suffix in (".csv", ".tsv"):
        yield from _csv(file)
    else:
        yield from _jsonl(file)


def _csv(file: SourceFile) -> Iterator[Entry]:
    with file.text() as text:
        rows = delimited_rows(Dialect(quote='"'), file.name, text)
        _, names = next(rows, (1, []))
        if "term" not in (_FIELDS.get(_key(name)) for name in names):
            raise PackError(f"{file.name}:1: no column 'term'; it has {', '.join(names)[:200] or 'no columns'}")
        for line, row in rows:
            if len(row) > len(names):
                raise PackError(
                    f"{place(file.name, line)}: {len(row)} cells for {len(names)} columns; "
                    "put cells with a delimiter in quotes"
                )
            if any(row):
                yield line, dict(zip(names, row, strict=False))


def _jsonl(file: SourceFile) -> Iterator[Entry]:
    with file.text() as text:
        yield from json_records(text, file.name)


def _yaml(file: SourceFile) -> Iterator[Entry]:
    try:
        with file.text() as text:
            data = yaml.load(text, Loader=_LineLoader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise PackError(f"{place(file.name, line)}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackError(f"{file.name}: not valid YAML: {' '.join(str(error).split())}") from error
    if isinstance(data, dict):
        data = _from_mapping(data)
    if not isinstance(data, list):
        raise PackError(f"{file.name}:1: a list of terms or a mapping of terms was expected")
    for entry in data:
        line = entry.get(_LINE, 0) if isinstance(entry, dict) else 0
        yield line, _mapping(entry, place(file.name, line))


def _from_mapping(data: dict[Any, Any]) -> Any:
    """``{terms: [...]}``, ``{term: definition}`` or ``{term: {definition: ...}}`` as a list of entries."""
    line = data.pop(_LINE, 0)
    if len(data) == 1 and isinstance(next(iter(data.values())), list):
        return next(iter(data.values()))
    return [
        {_LINE: line, "term": term, **(value if isinstance(value, dict) else {"definition": value})}
        for term, value in data.items()
    ]


def _fields(raw: Mapping[str, Any], unused: set[str]) -> dict[str, Any]:
    entry = {}
    for key, value in raw.items():
        field = _FIELDS.get(_key(key))
        if field is not None:
            entry[field] = value
        elif key != _LINE:
            unused.add(str(key))
    return entry


def _key(name: object) -> str:
    return str(name).strip().lower().replace("-", "_").replace(" ", "_")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PackError(f"{where}: an entry with fields such as term and definition was expected")
    return value


_LINE = "\0line"


_NULL, _MERGE, _STRING = (f"tag:yaml.org,2002:{name}" for name in ("null", "merge", "str"))


class _LineLoader(yaml.SafeLoader):
    """Gives every mapping the line it starts on; what stands without quotes is text, also ``NO``, ``on`` and ``5``."""

    def compose_mapping_node(self, anchor: dict[Any, yaml.Node]) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                key.tag = _STRING
                if key.value in seen:
                    raise yaml.composer.ComposerError(None, None, f"{key.value!r} is there twice", key.start_mark)
                seen.add(key.value)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)
        mapping[_LINE] = node.start_mark.line + 1
        return mapping


_LineLoader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, _MERGE)]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
