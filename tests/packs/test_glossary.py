"""The glossary reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourceRelation
from kgslm.packs.readers.glossary import GlossarySource

CSV = """Term,Synonyms,Definition,Category,See-also,Page
Force majeure,act of God|vis major,"An event, beyond control.",contract,Frustration|Hardship,12
Frustration,,,,,
"""
YAML = """
- term: Force majeure
  synonyms: [act of God, vis major]
  definition: An event, beyond control.
  category: contract
  see-also: Frustration | Hardship
  page: 12

- term: Frustration
"""
MAPPING = """
Force majeure:
  synonyms: act of God|vis major
  definition: An event, beyond control.
  category: [contract]
  see_also: [Frustration, Hardship]
  page: 12
Frustration:
"""
JSONL = """{"term": "Force majeure", "synonyms": ["act of God", "vis major"], \
"definition": "An event, beyond control.", "category": "contract", "see also": ["Frustration", "Hardship"], "page": 12}

{"term": "Frustration", "definition": null}
"""


def read(path: Path, text: str, **options: Any) -> list[Item]:
    path.write_text(text, encoding="utf-8")
    source = GlossarySource(path=path, **options)
    with source.files() as files:
        return list(source.read(files))


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("g.csv", CSV, (2, 3)),
        ("g.tsv", CSV.replace('"An event, beyond control."', "An event; beyond control.").replace(",", "\t"), (2, 3)),
        ("g.yaml", YAML, (2, 9)),
        ("g.yml", f"terms:\n{YAML}", (3, 10)),
        ("g.yaml", MAPPING, (3, 2)),
        ("g.jsonl", JSONL, (1, 3)),
    ],
)
def test_every_form_says_the_same(tmp_path: Path, name: str, text: str, lines: tuple[int, int]) -> None:
    items = read(tmp_path / name, text, id_prefix="L:")
    file = str(tmp_path / name)
    definition = "An event; beyond control." if name == "g.tsv" else "An event, beyond control."
    synonyms = (SourceName("act of God"), SourceName("vis major"))
    assert items == [
        SourceConcept(
            "L:force-majeure", "Force majeure", synonyms, definition, ("contract",), file=file, line=lines[0]
        ),
        SourceRelation("L:force-majeure", "see_also", "Frustration", "", file, lines[0]),
        SourceRelation("L:force-majeure", "see_also", "Hardship", "", file, lines[0]),
        SourceConcept("L:frustration", "Frustration", file=file, line=lines[1]),
        Finding(
            "field not used",
            f"the field {'Page' if name[2] != 'y' and name[2] != 'j' else 'page'!r} has no meaning in a glossary",
            "note",
            file,
        ),
    ]


FIELDS = {
    "g.csv": """term,abbreviation,broad,narrow,related,parents,xrefs,source,see_also
Fever,,hyperthermia,low-grade fever|high fever,shivers,Symptom|S:2,HP:0001945,textbook,Cough
Blood pressure,BP,,,,,,,
""",
    "g.yaml": """
- {term: Fever, broad: hyperthermia, narrow: [low-grade fever, high fever], related: shivers, source: textbook,
   parents: [Symptom, S:2], xrefs: [HP:0001945], see also: Cough}
- {term: Blood pressure, abbreviations: [BP]}
""",
    "g.jsonl": """{"term": "Fever", "broad": ["hyperthermia"], "narrow": "low-grade fever|high fever", \
"related": ["shivers"], "parents": ["Symptom", "S:2"], "xrefs": "HP:0001945", "source": "textbook", "see-also": "Cough"}
{"term": "Blood pressure", "Abbreviations": "BP"}
""",
}


@pytest.mark.parametrize("name", FIELDS)
def test_kinds_of_names_parents_and_where_they_are_from(tmp_path: Path, name: str) -> None:
    fever, *relations, pressure = read(tmp_path / name, FIELDS[name], id_prefix="L:")
    assert isinstance(fever, SourceConcept) and isinstance(pressure, SourceConcept)
    assert fever.names == (
        SourceName("hyperthermia", "broad"),
        SourceName("low-grade fever", "narrow"),
        SourceName("high fever", "narrow"),
        SourceName("shivers", "related"),
    )
    assert fever.xrefs == ("HP:0001945",)
    assert [relation[:4] for relation in relations] == [
        ("L:fever", "is_a", "Symptom", "textbook"),
        ("L:fever", "is_a", "S:2", "textbook"),
        ("L:fever", "see_also", "Cough", "textbook"),
    ]
    assert pressure.names == (SourceName("BP", "exact", "abbreviation"),)


def test_parents_may_be_names_of_terms(tmp_path: Path) -> None:
    source = tmp_path / "g.csv"
    source.write_text("id,term,parents\nL:1,Symptom,\nL:2,Fever,symptom\nL:3,Hay fever,2|Allergy\n")
    report = build_pack(None, tmp_path / "pack", [GlossarySource(path=source, id_prefix="L:")])
    pack = KnowledgePack.open(tmp_path / "pack")
    assert pack.ancestors("L:3") == ("L:2", "L:1")
    assert report.sources[0].reasons == {"no licence": 1, "not defined": 1}


def test_yaml_without_quotes_is_text(tmp_path: Path) -> None:
    text = """NO: {synonyms: 5, definition: ~}
on: {category: 1.50, see_also: [NO, 2020-01-02]}
2020-01-02: &date yes
7: {<<: {id: 010}, definition: null}
"""
    items = [item for item in read(tmp_path / "g.yaml", text) if isinstance(item, SourceConcept | SourceRelation)]
    assert [item[:5] for item in items if isinstance(item, SourceConcept)] == [
        ("no", "NO", (SourceName("5"),), "", ()),
        ("on", "on", (), "", ("1.50",)),
        ("2020-01-02", "2020-01-02", (), "yes", ()),
        ("010", "7", (), "", ()),
    ]
    assert [item[:3] for item in items if isinstance(item, SourceRelation)] == [
        ("on", "see_also", "NO"),
        ("on", "see_also", "2020-01-02"),
    ]


def test_given_ids_are_kept(tmp_path: Path) -> None:
    items = read(tmp_path / "g.csv", "id,term\n7,Seven\nB:8,Eight\n,Nine\n", id_prefix="A:")
    assert [item.id for item in items if isinstance(item, SourceConcept)] == ["A:7", "B:8", "A:nine"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("g.csv", "word,meaning\na,b\n", "g.csv:1: no column 'term'; it has word, meaning"),
        ("g.csv", "", "g.csv:1: no column 'term'; it has no columns"),
        (
            "g.csv",
            "term,definition\nFever,Heat, much\n",
            "g.csv:2: 3 cells for 2 columns; put cells with a delimiter in quotes",
        ),
        ("g.csv", "term,definition\nFever,x\n,Heat\n", "g.csv:3: the entry has no term"),
        ("g.csv", 'term,definition\nFever,"x\n', "g.csv:2: not a valid row (unexpected end of data)"),
        (
            "g.jsonl",
            '{"term": "a"}\n{"term": \n',
            "g.jsonl:2: not valid JSON (Expecting value: line 1 column 10 (char 9))",
        ),
        ("g.jsonl", '{"term": "a"}\n[1]\n', "g.jsonl:2: an object with fields was expected"),
        ("g.jsonl", '{"term": "a", "synonyms": {"b": 1}}\n', "g.jsonl:1: synonyms must be a text"),
        (
            "g.jsonl",
            '{"term": "\\ud800"}\n',
            "g.jsonl:1: term holds half of a surrogate pair; write the character itself",
        ),
        (
            "g.yaml",
            "- term: a\n- term: [\n",
            "g.yaml:3: not valid YAML: expected the node content, but found '<stream end>'",
        ),
        ("g.yaml", "- term: a\n\n- definition: b\n", "g.yaml:3: the entry has no term"),
        ("g.yaml", "Fever: hot\nCough: dry\n'Fever': warm\n", "g.yaml:3: not valid YAML: 'Fever' is there twice"),
        ("g.jsonl", '{"term": true}\n', "g.jsonl:1: term must be a text"),
        ("g.yaml", "hello\n", "g.yaml:1: a list of terms or a mapping of terms was expected"),
        ("g.yaml", "- hello\n", "g.yaml: an entry with fields such as term and definition was expected"),
    ],
)
def test_bad_glossaries_are_one_clear_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path / name, text)
    assert str(error.value) == f"{tmp_path}/{message}"
