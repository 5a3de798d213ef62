"""What every source of a recipe says, whatever its format. A reader is a subclass with its own options and ``read``."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from kgslm.config import Config
from kgslm.errors import MissingExtra, PackError
from kgslm.packs.download import fetch
from kgslm.packs.files import SourceFile, source_files
from kgslm.packs.items import Finding, Item
from kgslm.packs.policies import Policies, Policy
from kgslm.packs.sections import Origin
from kgslm.registry import Registry

READERS = Registry(
    "kgslm.readers",
    {
        "obo": "kgslm.packs.readers.obo:OboSource",
        "rdf": "kgslm.packs.readers.rdf:RdfSource",
        "owl": "kgslm.packs.readers.rdf:RdfSource",
        "skos": "kgslm.packs.readers.rdf:SkosSource",
        "csv": "kgslm.packs.readers.table:CsvSource",
        "triples": "kgslm.packs.readers.triple_list:TriplesSource",
        "graphml": "kgslm.packs.readers.graphml:GraphmlSource",
        "obograph": "kgslm.packs.readers.obograph:ObographSource",
        "rrf": "kgslm.packs.readers.rrf:RrfSource",
        "icd10cm": "kgslm.packs.readers.icd10cm:Icd10cmSource",
        "glossary": "kgslm.packs.readers.glossary:GlossarySource",
        "jsonl": "kgslm.packs.readers.lines:JsonlSource",
        "sparql": "kgslm.packs.readers.sparql:SparqlSource",
        "pack": "kgslm.packs.readers.pack:PackSource",
    },
)


class Reader(Protocol):
    """What a format must be able to do."""

    suffixes: ClassVar[tuple[str, ...]]

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the content of the files. Raises PackError, with file and line, where they are broken."""
        ...


class SourceConfig(Config):
    """One source: where it is and under which licence.

    Exactly one of: path (a file, folder, glob or archive); package with path (a file inside an installed package,
    which is not imported); url with sha256 (fetched only where a build allows it).
    key: a short unique name, by default the file's. sha256: checked where given. policies: what to do about what is
    wrong, where it differs from the recipe's; on_missing is short for ``policies: {missing: ...}``.
    prefixes: namespaces to shorten ids by, beside those of the recipe.

    suffixes: endings of the format's files, ``.gz`` aside. example: name and content of a small file of the format,
    in which Fever has the synonym Pyrexia and the definition "High body temperature.", and Cough stands beside it.
    needs_licence: whether the recipe has to state it; a pack states those of its sources itself. own_place: whether
    the kind knows itself where its content is, as an object in memory and an endpoint do.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[tuple[str, str]] = ("", "")
    needs_licence: ClassVar[bool] = True
    own_place: ClassVar[bool] = False

    kind: str
    key: Annotated[str, Field(pattern=r"[\w.-]*")] = ""
    package: str | None = None
    path: Path | None = None
    url: Annotated[str, Field(pattern=r"https?://.+")] | None = None
    sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    licence: str = ""
    on_missing: Policy | None = None
    policies: Policies = Policies()
    prefixes: dict[str, str] = Field(default_factory=dict)

    _unread: tuple[str, ...] = PrivateAttr(default=())

    @field_validator("path", mode="after")
    @classmethod
    def _from_the_recipe(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None or info.data.get("package"):
            return path
        return Path((info.context or {}).get("base", "")) / path.expanduser()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.own_place:
            if self.path or self.url or self.package:
                raise ValueError(f"{self.kind} has neither path, package nor url")
            return self
        if (self.path is None) == (self.url is None):
            raise ValueError("say where the source is: path, package and path, or url and sha256")
        if self.url and not self.sha256:
            raise ValueError("a url needs sha256, so that the same bytes are read every time")
        return self

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the content of the files; each format has its own."""
        raise PackError(f"{self.kind}: this kind of source cannot be read")

    def read_many(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """As ``read``, but relations may come many at a time; this is what a build calls."""
        return self.read(files)

    @property
    def title(self) -> str:
        """Where the source is from, without places on this machine."""
        if self.url:
            return self.url
        path = self.path or Path()
        return f"{self.package}/{path.as_posix()}" if self.package else path.name

    def origin(self, key: str) -> Origin:
        """What the builder must know."""
        return Origin(key, on_missing=self.on_missing)

    @contextmanager
    def files(self, allow_download: bool = False) -> Iterator[list[SourceFile]]:
        """The source's files, those of a folder or archive by the endings of the format.

        Raises PackError where there is none or the checksum differs, MissingExtra where the package is missing.
        """
        with self.files_and_findings(allow_download) as (files, _):
            yield files

    @contextmanager
    def files_and_findings(self, allow_download: bool = False) -> Iterator[tuple[list[SourceFile], list[Finding]]]:
        """The source's files as ``files`` gives them, and a finding for each file beside them that is not read."""
        with source_files(self.place(allow_download)) as found:
            files = found if len(found) == 1 else [file for file in found if file.suffix in self.suffixes]
            endings = ", ".join(self.suffixes)
            if not files:
                raise PackError(f"{self.path}: none of its {len(found)} files ends with {endings}")
            left = [file.name for file in found if file.suffix not in self.suffixes] if len(found) > 1 else []
            findings = [_not_read(file, f"its name does not end with {endings}") for file in left]
            yield files, findings + [_not_read(file, "the content does not tell its kind") for file in self._unread]

    def leave_unread(self, files: tuple[str, ...]) -> None:
        """Name files of the same folder or archive that no source reads, so that the build tells of them."""
        self._unread = files

    def place(self, allow_download: bool = False) -> Path:
        """Where the source lies on this machine; see ``files`` for the errors."""
        if self.url:
            return fetch(self.url, self.sha256.lower(), allow_download)
        if self.path is None:
            raise PackError(f"{self.kind}: the source names no path")
        return package_path(self.package) / self.path if self.package else self.path


def _not_read(file: str, why: str) -> Finding:
    return Finding("not read", why, "note", file)


def package_path(package: str) -> Path:
    """The folder of an installed package, without importing it. Raises MissingExtra that says how to install it."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        extra = _extra_of(package)
        raise MissingExtra(package, extra, install="" if extra else f"pip install {package.replace('_', '-')}")
    return Path(spec.submodule_search_locations[0])


def _extra_of(package: str) -> str:
    """The extra of kgslm that brings a package; empty where none does."""
    try:
        wanted = requires("kgslm") or []
    except PackageNotFoundError:
        wanted = []
    for text in wanted:
        match = re.match(r"([\w.-]+).*extra == ['\"]([\w-]+)", text)
        if match and match[1].replace("-", "_").lower() == package.lower():
            return match[2]
    return ""


def source_class(kind: str) -> type[SourceConfig]:
    """The configuration class of a kind. Raises ConfigError, with a suggestion, where there is none."""
    found: Any = READERS.load(kind)
    return found  # type: ignore[no-any-return]
