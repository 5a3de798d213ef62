"""The CSV reader."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from kgslm.config import parse_config
from kgslm.data import tables
from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourcePredicate, SourceRelation
from kgslm.packs.readers import delimited
from kgslm.packs.readers.columns import join_list, split_lists
from kgslm.packs.readers.table import CsvSource


def source(path: Path, **options: Any) -> CsvSource:
    return parse_config({"kind": "csv", "path": str(path), **options}, CsvSource, where="pack.yaml", base=Path())


def read(folder: Path, text: str, **options: Any) -> list[Item]:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    config = source(path, **options)
    with config.files() as files:
        return list(config.read(files))


def concepts(items: list[Item]) -> list[tuple[Any, ...]]:
    """Everything up to the alternative ids."""
    return [item[:9] for item in items if isinstance(item, SourceConcept)]


def test_all_columns_of_a_concept_table(tmp_path: Path) -> None:
    text = (
        "code,label,aka,text,kind,up,numbers,refs\n"
        '1,Fever,Pyrexia|High temperature |,"Heat, much of it",sign|finding,0|9:9,C1.2|C3,UMLS:C1\n'
    )
    columns = {
        "id": "code",
        "name": "label",
        "synonyms": "aka",
        "definition": "text",
        "category": "kind",
        "parents": "up",
        "tree": "numbers",
        "xrefs": "refs",
    }
    items = read(tmp_path, text, columns=columns, constants={"category": "thing"}, id_prefix="A:")
    assert items == [
        SourceConcept(
            "A:1",
            "Fever",
            (SourceName("Pyrexia"), SourceName("High temperature")),
            "Heat, much of it",
            ("sign", "finding", "thing"),
            ("0", "9:9"),
            ("C1.2", "C3"),
            ("UMLS:C1",),
            file=str(tmp_path / "t.csv"),
            line=2,
        )
    ]


def test_names_of_all_kinds_and_the_columns_of_a_concepts_past(tmp_path: Path) -> None:
    text = (
        "id,name,synonyms,broad,narrow,related,alt_ids,obsolete,replaced_by\n"
        "1,Fever,Pyrexia,Symptom,Low fever|High fever,runs hot,0|B:9,,\n"
        "2,Ague,,,,,,Yes,1\n"
        "3,Cough,,,,,,no,\n"
    )
    fever, ague, cough = [item for item in read(tmp_path, text, id_prefix="A:") if isinstance(item, SourceConcept)]
    assert fever.names == (
        SourceName("Pyrexia"),
        SourceName("Symptom", "broad"),
        SourceName("Low fever", "narrow"),
        SourceName("High fever", "narrow"),
        SourceName("runs hot", "related"),
    )
    assert fever.alt_ids == ("A:0", "B:9")
    assert (ague.obsolete, ague.replaced_by) == (True, ("A:1",))
    assert (cough.obsolete, cough.replaced_by) == (False, ())


def test_typed_names_relations_and_names_of_predicates(tmp_path: Path) -> None:
    text = (
        "id,name,synonyms,typed_names,relations,predicate_name\n"
        "A:1,Infarction,heart attack,exact abbreviation -> MI|related -> a -> b,is_a -> A:2|SEEN_IN -> A:2,\n"
        "SEEN_IN,,,,,is seen in\n"
        "A:2,Disease,,,,\n"
    )
    predicate, concept, *relations, other = read(tmp_path, text)
    assert predicate == SourcePredicate("SEEN_IN", "is seen in")
    assert isinstance(concept, SourceConcept) and isinstance(other, SourceConcept)
    assert concept.names == (
        SourceName("heart attack"),
        SourceName("MI", "exact", "abbreviation"),
        SourceName("a -> b", "related"),
    )
    file = str(tmp_path / "t.csv")
    assert relations == [SourceRelation("A:1", predicate, "A:2", "", file, 2) for predicate in ("is_a", "SEEN_IN")]
    assert (other.id, other.line) == ("A:2", 4)


@pytest.mark.parametrize(
    ("field", "cell", "message"),
    [
        ("relations", "treats A:2", "write predicate -> object, kind -> name, not 'treats A:2'"),
        ("typed_names", "MI", "write predicate -> object, kind -> name, not 'MI'"),
        ("typed_names", "exakt -> MI", "the kind of name 'exakt' is none of preferred, exact, broad, narrow, related"),
    ],
)
def test_broken_relations_and_typed_names_are_one_clear_line(
    tmp_path: Path, field: str, cell: str, message: str
) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, f"id,{field}\nA:1,{cell}\n")
    assert str(error.value) == f"{tmp_path / 't.csv'}:2: {message}"


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        (r"a\|b|c", ["a|b", "c"]),
        (r"a\\|b", ["a\\", "b"]),
        (r"a\\\|b", [r"a\|b"]),
        (r"C:\dir|\n", [r"C:\dir", r"\n"]),
        ("a\\", ["a\\"]),
        (r"\|", ["|"]),
    ],
)
def test_a_backslash_makes_the_separator_part_of_the_item(tmp_path: Path, cell: str, items: list[str]) -> None:
    (concept,) = read(tmp_path, f"id,synonyms\nA:1,{cell}\n")
    assert isinstance(concept, SourceConcept)
    assert [name.text for name in concept.names] == items


@pytest.mark.parametrize("items", [("a",), ("a|b", "c"), ("a\\", "b\\"), ("a\\|", "|", "\\|b"), ("\\\\", "x"), ()])
def test_a_joined_list_is_read_back(items: tuple[str, ...]) -> None:
    assert split_lists([join_list(items)], "|") == [items]
    assert split_lists([join_list(items, "; ")], "; ") == [items]


def test_what_is_neither_true_nor_false_is_noted(tmp_path: Path) -> None:
    finding, concept = read(tmp_path, "id,obsolete\nA:1,perhaps\n")
    assert isinstance(concept, SourceConcept) and not concept.obsolete
    assert isinstance(finding, Finding)
    assert str(finding).endswith("t.csv:2: obsolete is 'perhaps', taken as no; write true or false")


def test_rows_keep_their_order_and_line_across_batches(tmp_path: Path) -> None:
    rows = [f'A:{row},"x\ny",{row % 3}' for row in range(1000)]
    rows[500] = ",,0"
    items = read(
        tmp_path, "\n".join(["id,name,kind", *rows[:300], "", "a,b,c,d", *rows[300:]]), where={"kind": ["0", "1"]}
    )
    lines = [item.line for item in items if isinstance(item, SourceConcept | Finding)]
    assert lines == sorted(lines)
    assert len(items) == 1001
    assert [(item.reason, item.line) for item in items if isinstance(item, Finding) and item.reason != "filtered"] == [
        ("too many cells", 603),
        ("no id", 1004),
    ]
    assert [item.line for item in items if isinstance(item, SourceConcept)][-1] == 2001


def test_long_cells_are_read_and_endless_ones_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "x" * 200_000
    assert concepts(read(tmp_path, f"id,definition\nA:1,{long}\n"))[0][3] == long
    monkeypatch.setattr(delimited, "LONGEST", 300_000)
    monkeypatch.setattr(tables, "LONGEST", 300_000)
    csv.field_size_limit(131_072)
    with pytest.raises(
        PackError, match=r"t\.csv:2: the line has more than 300,000 characters; check that the file is a"
    ):
        read(tmp_path, f"id,name\nA:1,{long * 5}\n")
    with pytest.raises(PackError, match=r't\.csv:3: .*more than 300,000 characters.*may be open\); set quote: ""'):
        read(tmp_path, 'id,name\nA:1,a\nA:2,"' + (long + "\n") * 5)


def test_parents_may_lack_the_prefix_or_be_names(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("id\tname\tparents\n1\tSign\t\n2\tFever\t1\n3\tCough\tsign\n", encoding="utf-8")
    build_pack(None, tmp_path / "pack", [source(path, id_prefix="A:")])
    assert [concept.parents for concept in KnowledgePack.open(tmp_path / "pack").concepts()] == [(), ("A:1",), ("A:1",)]


def test_a_relation_table_with_a_constant_predicate_and_a_source_of_each_fact(tmp_path: Path) -> None:
    text = "drug;disease;label\naspirin;pain;FDA\naspirin;;\n"
    columns = {"subject": "drug", "object": "disease", "source": "label"}
    file = str(tmp_path / "t.csv")
    assert read(tmp_path, text, columns=columns, constants={"predicate": "TREATS"}) == [
        SourceRelation("aspirin", "TREATS", "pain", "FDA", file, 2),
        SourceRelation("aspirin", "TREATS", "", "", file, 3),
    ]


def test_columns_are_taken_by_their_own_names(tmp_path: Path) -> None:
    assert read(tmp_path, "Subject\tPREDICATE\tobject\na\tb\tc\n") == [
        SourceRelation("a", "b", "c", "", str(tmp_path / "t.csv"), 2)
    ]
    assert concepts(read(tmp_path, "\n\nid,name,price\nA:1,Fever,7\n"))[0][:2] == ("A:1", "Fever")


def test_ids_are_made_from_names(tmp_path: Path) -> None:
    text = "name\nC\nC++\nC#\nc++\nGrößer & Söhne\n糖尿病\n"
    items = read(tmp_path, text, id_prefix="X:")
    assert [concept[0] for concept in concepts(items)] == [
        "X:c",
        "X:c-2",
        "X:c-3",
        "X:c-2",
        "X:grösser-söhne",
        "X:糖尿病",
    ]


def test_a_row_with_neither_id_nor_name_is_a_finding(tmp_path: Path) -> None:
    items = read(tmp_path, "id,name\n,\nA:1,x\n")
    assert isinstance(items[0], Finding)
    assert str(items[0]) == f"{tmp_path / 't.csv'}:2: the row has neither id nor name"


def test_a_table_without_header_and_with_long_delimiters(tmp_path: Path) -> None:
    text = "D001||Fever|Pyrexia|Hot\nD002|613097||Tooth\nD003||\n"
    options = {"columns": {"id": 0, "name": 1, "synonyms": 1}, "header": False, "delimiter": "||", "id_prefix": "M:"}
    found = concepts(read(tmp_path, text, **options))
    assert [(row[0], row[1], row[2], row[8]) for row in found] == [
        ("M:D001", "Fever", (SourceName("Pyrexia"), SourceName("Hot")), ()),
        ("M:D002", "Tooth", (), ("M:613097",)),
        ("M:D003", "", (), ()),
    ]


def test_comments_are_skipped_and_lines_still_count(tmp_path: Path) -> None:
    text = "#version 1\n#more\nid\tname\n# between\nA:1\tFever # no comment\n"
    (concept,) = read(tmp_path, text, comment="#")
    assert isinstance(concept, SourceConcept)
    assert (concept.name, concept.line) == ("Fever # no comment", 5)


def test_where_keeps_rows_and_counts_the_others(tmp_path: Path) -> None:
    text = "id,name,aspect,no\nA:1,a,P,\nA:2,b,I,\nA:3,c,C,\nA:4,d,P,NOT\n"
    items = read(tmp_path, text, where={"aspect": ["P", "I"], "no": ""})
    assert [item.id for item in items if isinstance(item, SourceConcept)] == ["A:1", "A:2"]
    assert [(item.reason, item.line) for item in items if isinstance(item, Finding)] == [
        ("filtered", 4),
        ("filtered", 5),
    ]


def test_quotes_count_in_csv_and_are_text_in_tsv(tmp_path: Path) -> None:
    assert concepts(read(tmp_path, 'id,name\nA:1,"a, ""b""\n\nc"\n'))[0][1] == 'a, "b"\n\nc'
    assert concepts(read(tmp_path, 'id\tname\nA:1\t"half open\n'))[0][1] == '"half open'
    assert concepts(read(tmp_path, 'id\tname\nA:1\t"a\tb"\n', quote='"'))[0][1] == "a\tb"
    assert concepts(read(tmp_path, 'id,name\nA:1,"a" b\n', quote=""))[0][1] == '"a" b'


def test_short_rows_are_filled_and_long_ones_are_findings(tmp_path: Path) -> None:
    items = read(tmp_path, "id,name,definition\nA:1,a\nA:2,b,c,d\n")
    assert concepts(items) == [("A:1", "a", (), "", (), (), (), (), ())]
    assert str(items[1]).endswith("t.csv:3: 4 cells in a table of 3 columns; check delimiter and quote")


def test_rows_of_the_same_id_are_one_concept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,name\nA:1,Fever\nA:1,fever\nA:1,Pyrexia\nA:2,Cough\n", encoding="utf-8")
    report = build_pack(None, tmp_path / "pack", [source(path)])
    pack = KnowledgePack.open(tmp_path / "pack")
    assert pack.concept("A:1").names == ("Fever", "fever", "Pyrexia")
    assert (report.sources[0].concepts.kept, report.sources[0].concepts.merged) == (2, 2)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "a,b,c\n1,2,3\n",
            {"columns": {"id": "a", "name": "x"}},
            "t.csv:1: the column 'x' is not there; it has a, b, c",
        ),
        (
            "a,b\n1,2\n",
            {"where": {"q": "1"}, "columns": {"id": "a"}},
            "t.csv:1: the column 'q' is not there; it has a, b",
        ),
        (
            "a,b\n1,2\n",
            {},
            "t.csv:1: say which column is what, such as columns: {id: code, name: label}; the table has a, b",
        ),
        (
            "",
            {},
            "t.csv:1: say which column is what, such as columns: {id: code, name: label}; the table has no columns",
        ),
        ("", {"columns": {"id": "x"}}, "t.csv:1: the column 'x' is not there; it has no columns"),
        (
            "# made by hand\nA:1,Fever\n",
            {"header": False, "comment": "#", "columns": {"id": 0, "name": 2}},
            "t.csv:2: column 2 is not there; the rows have 2 columns",
        ),
        (
            "id,name\nA:1,Fever\n",
            {"columns": {"id": "id"}, "where": {2: "x"}},
            "t.csv:1: column 2 is not there; the rows have 2 columns",
        ),
        (
            'id,name\nA:1,"open\nA:2,x\n',
            {},
            't.csv:2: not a valid row (unexpected end of data); set quote: "" where quotes are text',
        ),
    ],
)
def test_bad_tables_are_one_clear_line(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, text, **options)
    assert str(error.value) == f"{tmp_path}/{message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"columns": {"subject": "a", "object": "b"}},
            "pack.yaml: columns: a table of relations needs a predicate column or constants: {predicate: ...}",
        ),
        (
            {"columns": {"subject": "a", "name": "b"}},
            "pack.yaml:columns: a table of relations has subject, predicate, object and perhaps source, nothing else",
        ),
        (
            {"columns": {"definition": "a"}},
            "pack.yaml:columns: map id or name for a table of concepts, subject and object for one of relations",
        ),
        ({"columns": {"nmae": "a"}}, "pack.yaml:columns: unknown key 'nmae'; did you mean 'name'?"),
        ({"header": False}, "pack.yaml: columns: needed, as a table without header does not name its columns"),
        (
            {"header": False, "columns": {"id": "a"}},
            "pack.yaml: columns: without header give column numbers from 0, not 'a'",
        ),
    ],
)
def test_bad_options_are_one_clear_line(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        source(tmp_path, **options)
    assert str(error.value) == message


@pytest.mark.parametrize(("repeats", "duplicates"), [(True, None), (False, 1)])
def test_rows_that_say_one_thing_each_are_one_concept(tmp_path: Path, repeats: bool, duplicates: int | None) -> None:
    """A table of facts: its subjects are concepts, all under the same parent."""
    (tmp_path / "facts.tsv").write_text("id\tname\tfact\nD:1\tGout\tpain\nD:1\tGout\theat\nD:2\tFlu\tfever\n")
    (tmp_path / "top.csv").write_text("id,name\nD:9,Disease\n")
    columns = {"id": "id", "name": "name"}
    facts = source(tmp_path / "facts.tsv", columns=columns, constants={"parent": "Disease"}, repeats=repeats)
    report = build_pack(None, tmp_path / "pack", [facts, source(tmp_path / "top.csv")])
    assert (report.counts["concepts"], report.counts["relations"]) == (3, 2)
    assert report.sources[0].reasons.get("duplicate id") == duplicates
    assert KnowledgePack.open(tmp_path / "pack").concept("D:1").parents == ("D:9",)
