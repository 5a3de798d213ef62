"""What every registered reader promises; the reader's own example is what it is tested with."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from pathlib import Path

import pytest

from kgslm.config import parse_config
from kgslm.errors import ConfigError, KgslmError, PackError
from kgslm.packs import READERS, KnowledgePack, build_pack
from kgslm.packs.items import SourceConcept, SourceName
from kgslm.packs.sniff import sniff
from kgslm.packs.sources import SourceConfig, source_class
from tests.mutations import mutations

# A kind without an example reads no files: another pack, an endpoint. Its own tests are elsewhere.
FILE_KINDS = [kind for kind in READERS.names() if source_class(kind).example[0]]


@pytest.fixture(params=FILE_KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def example(kind: str, tmp_path: Path) -> Path:
    name, text = source_class(kind).example
    path = tmp_path / "source" / name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def open_source(kind: str, path: Path) -> SourceConfig:
    return parse_config({"kind": kind, "path": str(path)}, source_class(kind), where="test", base=Path())


def read(kind: str, path: Path) -> list[SourceConcept]:
    source = open_source(kind, path)
    with source.files() as files:
        return [item for item in source.read(files) if isinstance(item, SourceConcept)]


def test_the_example_says_what_the_reader_understands(kind: str, example: Path) -> None:
    fever, cough = read(kind, example)
    assert (fever.name, fever.names, fever.definition) == ("Fever", (SourceName("Pyrexia"),), "High body temperature.")
    assert (cough.name, cough.names, cough.definition) == ("Cough", (), "")
    assert fever.id and cough.id and fever.id != cough.id
    assert fever.file == str(example)


def test_a_pack_can_be_built_from_it(kind: str, example: Path, tmp_path: Path) -> None:
    report = build_pack(None, tmp_path / "pack", [f"{kind}={example}"])
    pack = KnowledgePack.open(tmp_path / "pack", verify=True)
    assert len(pack.find("pyrexia")) == 1
    assert report.counts["concepts"] == 2
    again = build_pack(None, tmp_path / "again", [f"{kind}={example}"])
    assert again.fingerprint == report.fingerprint


def test_the_content_tells_the_kind(kind: str, example: Path, tmp_path: Path) -> None:
    kinds, unread = sniff(example)
    assert (READERS.load(kinds[str(example)]), unread) == (READERS.load(kind), ())
    report = build_pack(None, tmp_path / "pack", [str(example)])
    assert report.counts["concepts"] == 2


def without_place(concepts: list[SourceConcept]) -> list[SourceConcept]:
    return [concept._replace(file="", line=0) for concept in concepts]


def test_packed_files_and_archives_are_read_in_place(kind: str, example: Path, tmp_path: Path) -> None:
    plain = without_place(read(kind, example))
    packed = tmp_path / f"{example.name}.gz"
    packed.write_bytes(gzip.compress(example.read_bytes()))
    zipped = tmp_path / "all.zip"
    with zipfile.ZipFile(zipped, "w") as zip_:
        zip_.write(example, f"inside/{example.name}")
        zip_.writestr("inside/README.md", "not a source")
    tarred = tmp_path / "all.tar.gz"
    with tarfile.open(tarred, "w:gz") as tar:
        tar.add(example, f"inside/{example.name}")
    for path in (packed, zipped, tarred, example.parent, example.parent / "find*"):
        assert without_place(read(kind, path)) == plain, path


def test_line_ends_and_a_byte_order_mark_change_nothing(kind: str, example: Path) -> None:
    plain = read(kind, example)
    example.write_bytes(b"\xef\xbb\xbf" + example.read_bytes().replace(b"\n", b"\r\n"))
    assert read(kind, example) == plain


def test_a_missing_file_is_one_clear_line(kind: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"gone\.x: no such file, folder or match; check the path of the source"):
        read(kind, tmp_path / "gone.x")


def test_text_that_is_not_utf8_is_told_by_line(kind: str, example: Path) -> None:
    content = example.read_bytes()
    example.write_bytes(content.replace(b"Cough", b"Cough\xff", 1))
    line = content[: content.index(b"Cough")].count(b"\n") + 1
    with pytest.raises(PackError, match=rf"{example.name}:{line}: .*UTF-8"):
        read(kind, example)


def test_a_truncated_gzip_file_is_one_clear_line(kind: str, example: Path, tmp_path: Path) -> None:
    packed = tmp_path / f"{example.name}.gz"
    packed.write_bytes(gzip.compress(example.read_bytes())[:-12])
    with pytest.raises(PackError, match=rf"{packed.name}: the compressed file is damaged or cut short"):
        read(kind, packed)


def test_an_unknown_key_comes_with_a_suggestion(kind: str, example: Path) -> None:
    data = {"kind": kind, "path": str(example), "licnce": "CC0"}
    with pytest.raises(ConfigError, match=r"^here: unknown key 'licnce'; did you mean 'licence'\?$"):
        parse_config(data, source_class(kind), where="here", base=Path())


def test_mutated_input_gives_a_pack_or_a_clear_error(kind: str, example: Path, tmp_path: Path) -> None:
    for mutated in mutations(example.read_bytes(), 25):
        example.write_bytes(mutated)
        try:
            build_pack(None, tmp_path / "pack", [f"{kind}={example}"])
        except KgslmError as error:
            assert "\n" not in str(error) and str(error)
