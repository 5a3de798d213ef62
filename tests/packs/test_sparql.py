"""SPARQL endpoints as sources, against a real SPARQL 1.1 server on loopback."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
import rdflib

from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, build_pack

TTL = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <http://x.org/> .
:1 a skos:Concept ; skos:prefLabel "Fever"@en, "Fieber"@de ; skos:altLabel "Pyrexia"@en ; skos:broader :3 .
:2 a skos:Concept ; skos:prefLabel "Cough"@en ; skos:definition "Air is pushed out. _:x says it."@en ; skos:broader :3 .
:3 a skos:Concept ; skos:prefLabel "Sign"@en .
:4 a owl:Class ; rdfs:label "Cold"@en ;
   rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :shows ; owl:someValuesFrom :1 ] .
:shows a owl:ObjectProperty ; rdfs:label "shows" .
"""


@pytest.fixture
def endpoint(tmp_path: Path, socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    import uvicorn
    from rdflib_endpoint import SparqlEndpoint

    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    app = SparqlEndpoint(graph=rdflib.Graph().parse(data=TTL, format="turtle"))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


def recipe(folder: Path, endpoint: str, **options: object) -> Path:
    lines = "".join(f", {key}: {value!r}" for key, value in options.items())
    path = folder / "pack.yaml"
    path.write_text(f"name: x\nsources: [{{kind: sparql, licence: CC0, endpoint: '{endpoint}'{lines}}}]\n")
    return path


def test_everything_is_asked_for_and_kept(tmp_path: Path, endpoint: str) -> None:
    file = recipe(tmp_path, endpoint)
    with pytest.raises(PackError, match=r"/: not in the cache; run the build with --allow-download to fetch it"):
        build_pack(file, tmp_path / "out")
    report = build_pack(file, tmp_path / "out", allow_download=True)
    pack = KnowledgePack.open(tmp_path / "out", verify=True)
    (fever,) = pack.find("pyrexia")
    assert pack.concept(fever).name == "Fever"
    assert pack.concept(fever).parents == ("http://x.org/3",)
    assert [edge.predicate for edge in pack.neighbours("http://x.org/4")] == ["http://x.org/shows"]
    (source,) = pack.manifest["sources"]
    assert (source["kind"], source["path"], source["licence"]) == ("sparql", endpoint, "CC0")
    # From the cache, without asking, and the same when asked again.
    assert build_pack(file, tmp_path / "out").fingerprint == report.fingerprint
    again = build_pack(file, tmp_path / "again", allow_download=True)
    assert again.fingerprint == report.fingerprint
    assert KnowledgePack.open(tmp_path / "again").manifest["sources"] == [source]


def test_pages_give_the_same_but_tell_of_blank_nodes(tmp_path: Path, endpoint: str) -> None:
    build_pack(recipe(tmp_path, endpoint), tmp_path / "whole", allow_download=True)
    whole = KnowledgePack.open(tmp_path / "whole")
    report = build_pack(recipe(tmp_path, endpoint, page=4), tmp_path / "paged", allow_download=True)
    paged = KnowledgePack.open(tmp_path / "paged")
    assert [concept.name for concept in paged.concepts()] == [concept.name for concept in whole.concepts()]
    assert report.sources[0].reasons["blank nodes in pages"] == 1


def test_a_query_chooses_what_is_taken(tmp_path: Path, endpoint: str) -> None:
    query = (
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
        "CONSTRUCT { ?s a skos:Concept ; skos:prefLabel ?name } "
        "WHERE { ?s skos:prefLabel ?name ; skos:broader ?any FILTER(lang(?name) = 'en') }"
    )
    build_pack(recipe(tmp_path, endpoint, query=query), tmp_path / "out", allow_download=True)
    assert [it.name for it in KnowledgePack.open(tmp_path / "out").concepts()] == ["Fever", "Cough"]


def test_a_checksum_that_differs_is_an_error_and_nothing_is_kept(tmp_path: Path, endpoint: str) -> None:
    file = recipe(tmp_path, endpoint, sha256="0" * 64)
    with pytest.raises(PackError, match=r"the triples have sha256 [0-9a-f]{64}, the recipe says 000"):
        build_pack(file, tmp_path / "out", allow_download=True)
    with pytest.raises(PackError, match="not in the cache"):
        build_pack(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"query": "SELECT * WHERE { ?s ?p ?o }"}, r"sources\.0:query: a CONSTRUCT or DESCRIBE query is needed"),
        ({"page": 0}, r"sources\.0:page: "),
        ({"path": "x.ttl"}, r"sparql has neither path, package nor url"),
        ({"graph": "http://x.org/> }"}, r"sources\.0:graph: "),
    ],
)
def test_bad_options_name_the_key(options: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        build_pack(recipe(tmp_path, "http://127.0.0.1:1/", **options), tmp_path / "out")


class Odd(http.server.BaseHTTPRequestHandler):
    """Sends no more than two triples at a time, whatever it is asked; other addresses answer in bad ways."""

    queries: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["query"][0]
        self.queries.append(query)
        offset = int(query.rpartition("OFFSET ")[2].split()[0]) if "OFFSET" in query else 0
        label = "<http://www.w3.org/2000/01/rdf-schema#label>"
        triples = [f'<http://x.org/{number}> {label} "thing {number}" .' for number in range(5)]
        status, media, text = {
            "/page": (200, "text/html; charset=utf-8", "<html>"),
            "/broken": (200, "text/turtle", "<http://x.org/1> <p"),
            "/denied": (403, "text/plain", "no   key\n"),
        }.get(self.path, (200, "application/n-triples", "\n".join(triples[offset : offset + 2])))
        if self.path == "/key" and self.headers.get("Authorization") != "Bearer 1":
            status = 401
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def odd(tmp_path: Path, socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_a_server_that_cuts_answers_loses_nothing(tmp_path: Path, odd: str) -> None:
    build_pack(recipe(tmp_path, f"{odd}/all", graph="http://x.org/g"), tmp_path / "out", allow_download=True)
    assert len(KnowledgePack.open(tmp_path / "out")) == 5
    assert "GRAPH <http://x.org/g> { ?s ?p ?o }" in Odd.queries[-1]


def test_headers_are_sent_and_no_secret_is_kept(tmp_path: Path, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PackError, match=r"/key: cannot be fetched: HTTP status 401"):
        build_pack(recipe(tmp_path, f"{odd}/key"), tmp_path / "out", allow_download=True)
    monkeypatch.setenv("KEY", "1")
    file = recipe(tmp_path, f"{odd}/key", headers={"Authorization": "Bearer ${KEY}"})
    build_pack(file, tmp_path / "out", allow_download=True)
    assert all(b"Bearer" not in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/page", "the answer is text/html and no RDF; check the address and the query"),
        ("/broken", r"the answer is not valid Turtle \("),
        ("/denied", r"cannot be fetched: HTTP status 403 Forbidden \(no key\)"),
    ],
)
def test_bad_answers_are_one_clear_line(path: str, said: str, tmp_path: Path, odd: str) -> None:
    with pytest.raises(PackError, match=rf"^{odd}{path}: {said}"):
        build_pack(recipe(tmp_path, f"{odd}{path}"), tmp_path / "out", allow_download=True)
    with pytest.raises(PackError, match=r"^http://127\.0\.0\.1:1/: cannot be fetched: "):
        build_pack(recipe(tmp_path, "http://127.0.0.1:1/"), tmp_path / "out", allow_download=True)
