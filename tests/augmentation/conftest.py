"""A small pack of diseases with synonyms."""

from __future__ import annotations

import pytest

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    folder = tmp_path_factory.mktemp("augmentation") / "pack"
    builder = PackBuilder("diseases")
    concepts = [
        SourceConcept(
            "D:1",
            "Seizure",
            names=(
                SourceName("Epileptic fit"),
                SourceName("Seizures"),
                SourceName("Fit, epileptic"),
                SourceName("Spell", "broad"),
            ),
        ),
        SourceConcept("D:2", "Myocardial infarction", names=(SourceName("Heart attack"), SourceName("MI"))),
        SourceConcept(
            "D:3", "Mitral insufficiency", names=(SourceName("MI"), SourceName("Heart attack disease", "related"))
        ),
        SourceConcept("D:4", "Asthma"),
        SourceConcept("D:5", "Crohn's disease", names=(SourceName("Regional enteritis"),)),
    ]
    builder.add(Origin("terms"), concepts)
    builder.write(folder)
    return KnowledgePack.open(folder)


@pytest.fixture(scope="session")
def linker(pack: KnowledgePack) -> DictionaryLinker:
    return DictionaryLinker.from_pack(pack)
