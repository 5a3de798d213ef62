"""A small pack of diseases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName


@pytest.fixture
def disease_pack(tmp_path: Path) -> KnowledgePack:
    builder = PackBuilder("diseases", version="1")
    builder.add(
        Origin("terms"),
        [
            SourceConcept("D:1", "Seizure", names=(SourceName("Epileptic fit"), SourceName("Convulsion", "related"))),
            SourceConcept("D:2", "Myocardial infarction", names=(SourceName("Heart attack"),), alt_ids=("D:20",)),
            SourceConcept("D:3", "Old name of fits", obsolete=True, replaced_by=("D:1",)),
            SourceConcept("D:4", "Asthma"),
        ],
    )
    builder.write(tmp_path / "diseases")
    return KnowledgePack.open(tmp_path / "diseases")


@pytest.fixture
def odd_linker(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a linker that fails on purpose, installed for this process and those that it starts."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "odd_linker.py").write_text(Path(__file__).with_name("odd_linker.py").read_text())
    info = folder / "odd_linker-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-linker\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kgslm.linkers]\nodd = odd_linker:OddLinker\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))
    return "odd"
