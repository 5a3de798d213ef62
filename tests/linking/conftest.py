"""A small pack of diseases."""

from __future__ import annotations

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
