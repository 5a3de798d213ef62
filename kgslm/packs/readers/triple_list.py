"""Lists of triples without header, as knowledge-graph benchmarks ship them: ``subject predicate object`` a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from kgslm.config import ConfigPath
from kgslm.errors import PackError
from kgslm.packs.files import SourceFile, source_files
from kgslm.packs.ids import NameIds, with_prefix
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation, place
from kgslm.packs.policies import Policy
from kgslm.packs.readers.delimited import Dialect, delimited_rows
from kgslm.packs.readers.pieces import lines_of
from kgslm.packs.readers.rows import Row
from kgslm.packs.sections import Origin
from kgslm.packs.sources import SourceConfig

_PARTS = ("subject", "predicate", "object")
_LETTERS = {**{part[0]: part for part in _PARTS}, "-": "-"}
_CODE = re.compile(r"[A-Za-z]+[_:-]?\d+")
_WORD = re.compile(r"[^\W\d_]{2,}")

Text = Literal["name", "synonym", "definition"]


class TriplesSource(SourceConfig):
    """Triples, one a line; every end becomes a concept, unless on_missing says otherwise.

    delimiter: a space means any white space; found out by default (tab, comma, white space). order: the parts as they
    stand on a line, a list or their first letters: ``sop``; ``-`` is a part that is not read. comment: lines that
    start with it are skipped. id_prefix: put before ids without prefix. predicates: other names for predicates, such
    as ``{_hypernym: is_a}``. texts: predicates whose objects are texts about the subject and not concepts.

    names, definitions: files with ``id<TAB>text`` lines (``entity2text.txt``). id_names: which ids are names too, with
    spaces for underscores, where nothing else names the concept: words (not codes such as ``/m/0abc`` and ``Q42``),
    all or none. Ends with spaces in them are names, from which ids are made.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".tsv", ".tab", ".csv", ".triples")
    example: ClassVar[tuple[str, str]] = (
        "findings.txt",
        "S:1\tname\tFever\nS:2\tname\tCough\nS:1\tsynonym\tPyrexia\nS:1\tdefinition\tHigh body temperature.\n"
        "S:1\tSEEN_WITH\tS:2\n",
    )

    kind: Literal["triples"] = "triples"
    on_missing: Policy | None = "keep"
    delimiter: str = ""
    order: tuple[str, ...] = _PARTS
    comment: str = ""
    id_prefix: str = ""
    predicates: dict[str, str] = Field(default_factory=dict)
    texts: dict[str, Text] = Field(default_factory=lambda: {word: word for word in get_args(Text)})
    names: ConfigPath | None = None
    definitions: ConfigPath | None = None
    id_names: Literal["words", "all", "none"] = "words"

    @field_validator("order", mode="before")
    @classmethod
    def _from_letters(cls, order: Any) -> Any:
        return tuple(_LETTERS.get(sign, sign) for sign in order) if isinstance(order, str) else order

    @model_validator(mode="after")
    def _each_part_once(self) -> Self:
        if sorted(part for part in self.order if part != "-") != sorted(_PARTS):
            raise ValueError("order: subject, predicate and object once each, and - for what is not read")
        return self

    def origin(self, key: str) -> Origin:
        """Ends may lack the prefix."""
        return Origin(key, False, self.id_prefix, self.on_missing)

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the relations, then tell the concepts. Raises PackError where the only file holds no triples."""
        beside = [path.resolve() for path in (self.names, self.definitions) if path]
        files = [file for file in files if Path(file.name).resolve() not in beside]
        ends = _Ends(self)
        for file in files:
            if self._holds_triples(file):
                yield from self._relations(file, ends)
            elif len(files) == 1:
                raise PackError(f"{file.name}:1: {len(self.order)} parts were expected; check delimiter and order")
            else:
                yield Finding("not read", "its first line is no triple", "note", file.name)
        for field, path in (("name", self.names), ("definition", self.definitions)):
            if path:
                yield from ends.read_texts(field, path)
        yield from ends.concepts()

    def _holds_triples(self, file: SourceFile) -> bool:
        first = self._first_line(file)
        return not first or len(_split(first, self._delimiter(first), len(self.order))) == len(self.order)

    def _first_line(self, file: SourceFile) -> str:
        lines = (line for line in file.head().splitlines() if line.strip())
        return next((line for line in lines if not self.comment or not line.startswith(self.comment)), "")

    def _delimiter(self, first: str) -> str:
        if self.delimiter:
            return self.delimiter
        return next((sign for sign in "\t," if first.count(sign) == len(self.order) - 1), " ")

    def _rows(self, file: SourceFile) -> Iterator[Row]:
        delimiter = self._delimiter(self._first_line(file))
        with file.text() as text:
            if delimiter.strip(" "):
                yield from delimited_rows(Dialect(delimiter, None, self.comment), file.name, text)
                return
            for number, line in enumerate(lines_of(text, file.name), start=1):
                if line.strip() and not (self.comment and line.startswith(self.comment)):
                    yield number, _split(line, " ", len(self.order))

    def _relations(self, file: SourceFile, ends: _Ends) -> Iterator[Item]:
        width, name, renamed = len(self.order), file.name, self.predicates
        parts = itemgetter(*(self.order.index(part) for part in _PARTS))
        for line, row in self._rows(file):
            if len(row) != width:
                message = f"{len(row)} parts where {width} were expected; check delimiter and order"
                yield Finding("no triple", message, "relation", name, line)
                continue
            subject, predicate, object_ = map(str.strip, parts(row))
            if predicate in self.texts and subject and object_:
                ends.say(ends(subject, name, line), self.texts[predicate], object_)
            else:
                predicate = renamed.get(predicate, predicate)
                yield SourceRelation(ends(subject, name, line), predicate, ends(object_, name, line), "", name, line)


class _Ends:
    """The ends of all triples: their ids, and what is known of the concepts."""

    def __init__(self, source: TriplesSource) -> None:
        self._source = source
        self._from_name = NameIds(source.id_prefix)
        self._ids: dict[str, str] = {}
        self._first: dict[str, tuple[str, str, int]] = {}  # id to text, file and line of the first mention
        self._said: dict[str, list[tuple[str, str]]] = {}

    def __call__(self, text: str, file: str, line: int) -> str:
        """The id of an end."""
        id_ = self._ids.get(text)
        if id_ is None:
            id_ = self._ids[text] = self._id(text)
            if id_:
                self._first.setdefault(id_, (text, file, line))
        return id_

    def say(self, id_: str, field: str, text: str) -> None:
        """Add a name, synonym or definition."""
        self._said.setdefault(id_, []).append((field, text))

    def read_texts(self, field: str, path: Path) -> Iterator[Finding]:
        """Take in a file of ids with texts; notes how many of them are in no triple."""
        unknown = 0
        with source_files(path) as files:
            for file in files:
                with file.text() as text:
                    for number, line in enumerate(lines_of(text, file.name), start=1):
                        key, tab, words = line.partition("\t")
                        if line.strip() and not tab:
                            raise PackError(f"{place(file.name, number)}: id<TAB>text was expected, not {line[:60]!r}")
                        if key.strip() in self._ids:
                            self.say(self._ids[key.strip()], field, words.strip())
                        else:
                            unknown += bool(tab)
        if unknown:
            yield Finding("not read", f"{unknown:,} ids of {path.name} are in no triple", "note", str(path))

    def concepts(self) -> Iterator[SourceConcept]:
        """All ends; those of which nothing is said only where missing concepts are kept."""
        keep = self._source.on_missing == "keep"
        for id_, (text, file, line) in self._first.items():
            said = self._said.get(id_, ())
            if said or keep:
                names = [words for field, words in said if field == "name"] or [self._name(text)]
                definitions = [words for field, words in said if field == "definition"] or [""]
                synonyms = [*names[1:], *(words for field, words in said if field == "synonym")]
                yield SourceConcept(
                    id_,
                    names[0],
                    tuple([SourceName(words) for words in synonyms]),
                    definitions[0],
                    file=file,
                    line=line,
                    further_definitions=tuple(definitions[1:]),
                )

    def _id(self, text: str) -> str:
        if any(map(str.isspace, text)):
            return self._from_name(text)
        return with_prefix(text, self._source.id_prefix) if text else ""

    def _name(self, text: str) -> str:
        """The id as a name; empty where it is a code."""
        if self._source.id_names == "none" or (self._source.id_names == "words" and not _is_words(text)):
            return ""
        return text.replace("_", " ").strip()


def _is_words(text: str) -> bool:
    """Whether a person would read the id as a name."""
    return "/" not in text and not _CODE.fullmatch(text) and _WORD.search(text) is not None


def _split(line: str, delimiter: str, parts: int) -> list[str]:
    """The parts of a line; between the last two white space may stand inside."""
    return line.split(None, parts - 1) if not delimiter.strip(" ") else line.split(delimiter)
