"""Build a knowledge pack from a glossary and find its concepts in text.

    python examples/build_and_link.py

A pack is a folder that every other part of kgslm opens. Here it comes from a CSV glossary; ontologies (OBO, OWL, SKOS)
and tables work the same way.
"""

from pathlib import Path

from kgslm import DictionaryLinker, KnowledgePack, build_pack

DATA = Path(__file__).parent / "data"
PACK = Path("build/bank")


def main() -> None:
    report = build_pack(sources=[f"glossary={DATA / 'bank_glossary.csv'}"], output=PACK)
    print(f"{report.name}: {report.counts}")

    pack = KnowledgePack.open(PACK)
    print("categories:", pack.categories())
    concept = pack.concept("chargeback")
    print(f"{concept.id}: {concept.name}, also called {', '.join(concept.synonyms)}. {concept.definition}")
    for relation in pack.neighbours("chargeback"):
        print(f"  {relation.subject} {relation.predicate} {relation.object}")

    linker = DictionaryLinker.from_pack(pack)
    linked = linker.link("The payment disputes were lost; does the SWIFT code or the IBAN matter here?")
    for link in linked.links:
        assert linked.text[link.start : link.end] == link.surface
        print(f"  {link.start:3}-{link.end:<3} {link.surface:18} -> {link.concept} ({link.name})")


if __name__ == "__main__":
    main()
