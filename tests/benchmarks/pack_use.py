"""How fast a built pack answers: names, hierarchy, paths, similarity, networkx and SPARQL.

    python tests/benchmarks/pack_use.py --data DIR [--concepts 1000000] [--check] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo and medical/mesh. --concepts adds a generated pack
of that many concepts, a third of them with two parents, with four names and five relations each. --check compares Lin
and Resnik with pyhpo's on pairs of HPO terms. Times are medians, and the longest of the same tries behind a slash.
Every row is a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # this file is run as a script

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName, SourceRelation, build_pack
from tests.benchmarks.packs import Row, apart, build_mesh

SMALL = 100_000
"""Packs with fewer concepts are copied as a whole too, for comparison."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--concepts", type=int, default=0)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path in packs(options.data, options.concepts, Path(folder)):
            for what, work in WORK.items():
                row = {"what": f"{name}: {what}", **apart(lambda: work(KnowledgePack.open(path)))}  # noqa: B023
                rows.append(row)
                print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        if options.check:
            rows.append({"what": "HPO: agreement with pyhpo", **agreement(options.data, Path(folder))})
            print(rows[-1])
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def packs(data: Path, concepts: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Builds each pack for which there are files."""
    hpo, mesh = data / "medical/hpo/hp.obo.gz", data / "medical/mesh/mesh_descriptors.tsv.gz"
    if hpo.exists():
        apart(lambda: build_pack(None, folder / "hpo", [f"obo={hpo}"]).counts)
        yield "HPO", folder / "hpo"
    if mesh.exists():
        apart(lambda: build_mesh(mesh, folder / "mesh"))
        yield "MeSH", folder / "mesh"
    if concepts:
        apart(lambda: build_generated(concepts, folder / "generated"))
        yield f"{concepts:,} generated", folder / "generated"


def build_generated(concepts: int, output: Path) -> Row:
    """Levels of ten times as many concepts each; the second parents are of the level above too."""
    dice = random.Random(0)

    def items() -> Iterator[SourceConcept | SourceRelation]:
        for number in range(concepts):
            parents = [(number - 1) // 10] if number else []
            if number > 10 and number % 3 == 0:
                parents.append(dice.randrange((parents[0] - 1) // 10, parents[0]))
            names = tuple(SourceName(f"synonym {kind} of thing {number}") for kind in ("first", "second", "third"))
            above = tuple(f"G:{parent:08d}" for parent in dict.fromkeys(parents))
            yield SourceConcept(f"G:{number:08d}", f"thing {number}", names, "A thing among things.", parents=above)
        for number in range(concepts):
            for _ in range(4):
                yield SourceRelation(f"G:{number:08d}", "touches", f"G:{dice.randrange(concepts):08d}")

    builder = PackBuilder("generated")
    builder.add(Origin("generated"), items())
    return builder.write(output).counts


def timed(call: Callable[..., Any], tries: Sequence[Any], unit: float = 1e3) -> str:
    """The median and the longest time of a call with each of the tries; the first one is not counted."""
    times = []
    for number, arguments in enumerate(tries):
        start = time.perf_counter()
        call(*arguments) if isinstance(arguments, tuple) else call(arguments)
        if number:
            times.append((time.perf_counter() - start) * unit)
    return f"{median(times):.3g}/{max(times):.3g}"


def pick(pack: KnowledgePack, count: int) -> list[str]:
    """Ids of live concepts that were drawn at random, always the same."""
    dice, found = random.Random(1), list[str]()
    while len(found) < count:
        row = dice.randrange(len(pack.ids))
        if not pack.tables.obsolete[row]:
            found.append(pack.ids[row])
    return found


def misspelt(name: str, dice: random.Random) -> str:
    """The name with two neighbouring letters the other way round, or one letter changed."""
    place = dice.randrange(len(name))
    if dice.random() < 0.5 and place + 1 < len(name):
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return f"{name[:place]}q{name[place + 1 :]}"


def names(pack: KnowledgePack) -> Row:
    from kgslm.packs.search import find_alike, fuzzy_names, search_names

    dice = random.Random(2)
    given = [pack.tables.texts[dice.randrange(len(pack.tables.texts))] for _ in range(31)]
    wrong = [misspelt(name, dice) for name in given]
    found = 0
    for right, name in zip(given, wrong, strict=True):
        if len(name) > 4:
            found += bool(set(pack.find(right)) & {hit.id for hit in fuzzy_names(pack, name)})
    return {
        "names": len(pack.tables.texts),
        "exact_us": timed(pack.find, given, 1e6),
        "alike_ms": timed(find_alike, [(pack, name) for name in given]),
        "fuzzy_ms": timed(fuzzy_names, [(pack, name) for name in wrong]),
        "misspelt_found": f"{found}/{sum(len(name) > 4 for name in wrong)}",
        "search_ms": timed(search_names, [(pack, name.split()[0]) for name in given]),
    }


def hierarchy(pack: KnowledgePack) -> Row:
    ids = pick(pack, 2001)
    return {
        "concepts": len(pack),
        "ancestors_us": timed(pack.ancestors, ids, 1e6),
        "parents_us": timed(pack.parents, ids, 1e6),
    }


def paths(pack: KnowledgePack) -> Row:
    from kgslm.packs.paths import PathFinder

    ids = pick(pack, 202)
    pairs = list(zip(ids[::2], ids[1::2], strict=True))
    every, hierarchy, known = PathFinder(pack), PathFinder(pack, ["is_a"]), PathFinder(pack, max_degree=200)
    return {
        "relations": pack.manifest["counts"]["relations"],
        "any_predicate_ms": timed(every.paths, pairs),
        "is_a_ms": timed(hierarchy.paths, pairs),
        "without_hubs_ms": timed(known.paths, pairs),
        "connected": sum(bool(every.paths(*pair)) for pair in pairs),
    }


def similarity(pack: KnowledgePack) -> Row:
    from kgslm.packs.similarity import METHODS, Similarity, corpus_content, intrinsic_content

    ids = pick(pack, 2002)
    pairs = list(zip(ids[::2], ids[1::2], strict=True))
    similar = Similarity(pack)
    return {
        "seco_s": timed(intrinsic_content, [(pack,)] * 3, 1),
        "sanchez_s": timed(intrinsic_content, [(pack, "sanchez")] * 3, 1),
        "corpus_s": timed(corpus_content, [(pack, dict.fromkeys(ids, 1))] * 3, 1),
        **{f"{method}_us": timed(lambda a, b: similar(a, b, method), pairs, 1e6) for method in METHODS},  # noqa: B023
        "best_match_average_20x20_ms": timed(similar.best_match_average, [(ids[:20], ids[20:40])] * 5),
    }


def networkx_view(pack: KnowledgePack) -> Row:
    import networkx

    from kgslm.packs.graph_view import graph_view

    ids = pick(pack, 22)
    view, hierarchy = graph_view(pack), graph_view(pack, ["is_a"])
    both = hierarchy.to_undirected(as_view=True)
    pairs = [pair for pair in zip(ids[::2], ids[1::2], strict=True) if networkx.has_path(both, *pair)]
    both = graph_view(pack, ["is_a"]).to_undirected(as_view=True)  # one that remembers nothing yet
    row = {
        "make_ms": timed(graph_view, [(pack,)] * 5),
        "descendants_ms": timed(networkx.descendants, [(hierarchy, id_) for id_ in ids]),
        "shortest_path_ms": timed(networkx.shortest_path, [(both, *pair) for pair in pairs]),
    }
    if len(pack) < SMALL:
        row["full_copy_ms"] = timed(view.copy, [()] * 3)
    return row


def sparql(pack: KnowledgePack) -> Row:
    from kgslm.packs.views import run_sparql, to_oxigraph, to_rdflib

    ids = pick(pack, 51)
    graph = to_rdflib(pack)
    iris = {id_: str(next(graph.subjects(None, _literal(id_)))) for id_ in ids}
    joins = [f"SELECT ?p ?n WHERE {{ <{iri}> rdfs:subClassOf ?p . ?p skos:prefLabel ?n }}" for iri in iris.values()]
    found = [
        f"SELECT ?c ?d WHERE {{ ?c skos:prefLabel {_literal(pack.concept(id_).name).n3()} ; skos:definition ?d }}"
        for id_ in ids
    ]
    row = {
        "triples": len(graph),
        "open_ms": timed(to_rdflib, [(pack,)] * 3),
        "by_subject_ms": timed(lambda query: list(run_sparql(graph, query)), joins),
        "by_name_ms": timed(lambda query: list(run_sparql(graph, query)), found),
    }
    if len(pack) < SMALL:
        count = "SELECT ?p (COUNT(?c) AS ?n) WHERE { ?c rdfs:subClassOf ?p } GROUP BY ?p"
        start = time.perf_counter()
        copy = to_oxigraph(graph)
        row["oxigraph_load_s"] = f"{time.perf_counter() - start:.3g}"
        row["count_rdflib_ms"] = timed(lambda query: list(run_sparql(graph, query)), [count] * 3)
        row["count_oxigraph_ms"] = timed(lambda query: list(run_sparql(graph, query, copy)), [count] * 3)
    return row


def _literal(text: str) -> Any:
    import rdflib

    return rdflib.Literal(text)


WORK: dict[str, Callable[[KnowledgePack], Row]] = {
    "names": names,
    "hierarchy": hierarchy,
    "paths": paths,
    "similarity": similarity,
    "networkx": networkx_view,
    "SPARQL": sparql,
}


def agreement(data: Path, folder: Path) -> Row:
    """Lin and Resnik beside pyhpo's, with its own information content, on pairs that it has content for."""
    import numpy as np
    import pyhpo
    from scipy.stats import spearmanr

    from kgslm.packs.similarity import Similarity

    build_pack(None, folder / "pyhpo", [f"obo={Path(pyhpo.__file__).parent / 'data/hp.obo'}"])
    pack = KnowledgePack.open(folder / "pyhpo")
    pyhpo.Ontology()
    terms = {term.id: term for term in pyhpo.Ontology if term.id in pack and pack.ids[pack.row(term.id)] == term.id}
    content = np.zeros(len(pack.ids))
    for id_, term in terms.items():
        content[pack.row(id_)] = term.information_content["omim"]
    similar, intrinsic = Similarity(pack, content), Similarity(pack)
    known, dice = [id_ for id_ in terms if similar.content(id_) > 0], random.Random(3)
    pairs = [(dice.choice(known), dice.choice(known)) for _ in range(5000)]
    row: Row = {"pairs": len(pairs)}
    for method in ("resnik", "lin"):
        theirs = [terms[a].similarity_score(terms[b], kind="omim", method=method) for a, b in pairs]
        ours = [similar(a, b, method) for a, b in pairs]
        row[f"{method}_largest_difference"] = float(np.abs(np.subtract(ours, theirs)).max())
        correlation = spearmanr([intrinsic(a, b, method) for a, b in pairs], theirs).statistic
        row[f"{method}_rank_correlation_of_intrinsic"] = round(float(correlation), 3)
    return row


if __name__ == "__main__":
    main()
