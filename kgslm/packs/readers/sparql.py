"""SPARQL endpoints as sources."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field, field_validator

from kgslm.artifacts import atomic_file
from kgslm.errors import PackError
from kgslm.packs.download import not_cached, request, request_errors, source_cache
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item
from kgslm.packs.readers.rdf import RdfSource

_ACCEPT = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"
_BLANK = re.compile(r"(?:^|(?<=> ))_:(?=\w+ (?:<|\.$))")  # subject or object, not inside a text
# The subquery inside is for servers that sort no more than they send.
_ALL = """CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SELECT ?s ?p ?o WHERE {{
  {{ SELECT ?s ?p ?o WHERE {{ {graph} ?s ?p ?o {end} }} ORDER BY ?s ?p ?o }}
}} LIMIT {limit} OFFSET {offset} }}"""


class SparqlSource(RdfSource):
    """What a SPARQL 1.1 endpoint says, read as RDF; see ``RdfSource`` for language and types.

    endpoint: its address, asked only where a build allows downloads; the answer is kept in the cache, and further
    builds without that permission read it from there. query: CONSTRUCT or DESCRIBE, sent as it is; without one, all
    triples are asked for, ``page`` at a time, of the named graph ``graph`` where that is given. headers: sent along,
    such as ``{Authorization: "Bearer ${TOKEN}"}``. sha256: of the triples as sorted N-Triples, checked where given.

    Blank nodes have no name that lasts from page to page: with them, choose a page that holds everything, or a query.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[tuple[str, str]] = ("", "")
    own_place: ClassVar[bool] = True

    kind: Literal["sparql"] = "sparql"  # type: ignore[assignment]
    endpoint: Annotated[str, Field(pattern=r"https?://.+")]
    query: str | None = None
    graph: Annotated[str, Field(pattern=r'^[^<>"\s]+$')] | None = None
    page: Annotated[int, Field(ge=1)] = 10_000
    headers: dict[str, str] = Field(default_factory=dict, repr=False)

    @field_validator("query")
    @classmethod
    def _gives_triples(cls, query: str | None) -> str | None:
        if query is not None and not re.search(r"\b(CONSTRUCT|DESCRIBE)\b", query, re.IGNORECASE):
            raise ValueError("a CONSTRUCT or DESCRIBE query is needed, as it gives triples")
        return query

    @property
    def title(self) -> str:
        """The address of the endpoint."""
        return self.endpoint

    def place(self, allow_download: bool = False) -> Path:
        """The answer in the cache, asked for anew where ``allow_download``. Raises PackError where that fails."""
        asked = "\n".join((self.endpoint, self.query or "", self.graph or ""))
        target = source_cache() / "sparql" / f"{hashlib.sha256(asked.encode()).hexdigest()}.nt.gz"
        if allow_download:
            self._ask(target)
        elif not target.is_file():
            raise PackError(not_cached(self.endpoint))
        return target

    def read_many(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Concepts and relations of the answer, relations many at a time."""
        with files[0].text() as text:
            pages = re.match(r"# pages: (\d+), blank: 1", text.readline())
        if pages and int(pages[1]) > 1:
            message = f"there are blank nodes in {pages[1]} pages, which are not known from page to page; raise page"
            yield Finding("blank nodes in pages", message, "note", self.endpoint)
        yield from super().read_many([SourceFile(self.endpoint, files[0].opener)])

    def _ask(self, target: Path) -> None:
        """Fetch all triples into ``target``, sorted: the same content gives the same bytes."""
        triples: set[str] = set()
        pages = 0
        for lines in self._pages():
            pages += 1
            # The same label in two answers stands for two nodes.
            triples.update(_BLANK.sub(f"_:p{pages}x", line) if "_:" in line else line for line in lines)
        blank = any(_BLANK.search(line) for line in triples)
        content = "".join(f"{line}\n" for line in sorted(_canonical(triples) if blank else triples)).encode()
        digest = hashlib.sha256(content).hexdigest()
        if self.sha256 and digest != self.sha256.lower():
            raise PackError(f"{self.endpoint}: the triples have sha256 {digest}, the recipe says {self.sha256}")
        with atomic_file(target, "wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
            packed.write(f"# pages: {pages}, blank: {blank:d}\n".encode() + content)

    def _pages(self) -> Iterator[list[str]]:
        """The triples of each answer as lines of N-Triples."""
        if self.query is not None:
            yield self._answer(self.query)
            return
        # Servers cut long answers without a word: only an empty page is the end.
        offset = 0
        graph, end = (f"GRAPH <{self.graph}> {{", "}") if self.graph else ("", "")
        while lines := self._answer(_ALL.format(graph=graph, end=end, limit=self.page, offset=offset)):
            yield lines
            offset += len(lines)

    def _answer(self, query: str) -> list[str]:
        from pyoxigraph import RdfFormat, parse

        headers = {"Accept": _ACCEPT, "Content-Type": "application/x-www-form-urlencoded", **self.headers}
        body = urlencode({"query": query}).encode()
        with request_errors(self.endpoint), request(self.endpoint, headers, body) as response:
            content, media = response.read(), response.headers.get_content_type()
        format_: Any = RdfFormat.from_media_type(media)
        if format_ is None:
            raise PackError(f"{self.endpoint}: the answer is {media} and no RDF; check the address and the query")
        try:
            return _lines(quad.triple for quad in parse(content, format=format_, base_iri=self.endpoint))
        except (SyntaxError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise PackError(f"{self.endpoint}: the answer is not valid {format_.name} ({reason})") from error


def _lines(triples: Iterable[Any]) -> list[str]:
    from pyoxigraph import RdfFormat, serialize

    return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode().splitlines()


def _canonical(lines: Iterable[str]) -> list[str]:
    """The triples with labels of blank nodes that follow from what is said of them."""
    from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

    dataset = Dataset(parse("\n".join(lines), format=RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return _lines(quad.triple for quad in dataset)
