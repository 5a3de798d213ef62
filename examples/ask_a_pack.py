"""Look things up in a pack: names, hierarchy, paths, similarity, SPARQL, and what changed since the last version.

    python examples/ask_a_pack.py

The pack comes from a networkx graph and a pandas-like table would do as well; see ``kgslm.packs.build_pack``.
"""

from pathlib import Path

import networkx

from kgslm import KnowledgePack, build_pack
from kgslm.packs import Similarity, diff_packs, export_pack, find_paths, fuzzy_names


def loans() -> networkx.MultiDiGraph:
    """A small graph: nodes are concepts, edges are relations."""
    graph = networkx.MultiDiGraph()
    graph.add_node("L:1", name="Loan", definition="Money that is lent and has to be paid back.")
    graph.add_node("L:2", name="Mortgage", synonyms=["home loan"], parents=["L:1"])
    graph.add_node("L:3", name="Car loan", parents=["L:1"])
    graph.add_node("L:4", name="House")
    graph.add_node("L:5", name="Valuation", synonyms=["appraisal"])
    graph.add_edge("L:2", "L:4", predicate="SECURED_BY")
    graph.add_edge("L:5", "L:4", predicate="ESTIMATES")
    return graph


def main() -> None:
    graph = loans()
    build_pack(sources=[graph], output=Path("build/loans"))
    pack = KnowledgePack.open("build/loans")

    print("find:", pack.find("home loan"), [hit.name for hit in fuzzy_names(pack, "mortage")])
    print("above:", pack.ancestors("L:2"), "below:", pack.descendants("L:1"))
    for path in find_paths(pack, "L:2", "L:5"):
        print("path:", path)
    print("similarity:", round(Similarity(pack)("L:2", "L:3", "path"), 2))
    print("networkx:", sorted(pack.graph().successors("L:2")))
    for row in pack.sparql("SELECT ?name WHERE { ?loan kg:SECURED_BY L:4 ; skos:prefLabel ?name }"):
        print("sparql:", row.name)

    graph.add_node("L:6", name="Student loan", parents=["L:1"])
    graph.nodes["L:2"]["name"] = "Mortgage loan"
    build_pack(sources=[graph], output=Path("build/loans-2"))
    changes = diff_packs(pack, KnowledgePack.open("build/loans-2"))
    print("added:", changes.added, "renamed:", changes.renamed)

    export_pack(pack, "ttl", Path("build/loans.ttl"))
    again = build_pack(sources=["build/loans.ttl"], output=Path("build/loans-again"))
    print("the same from Turtle:", again.fingerprint == pack.fingerprint)


if __name__ == "__main__":
    main()
