"""Make more training examples without losing a concept.

    python examples/augment_examples.py

Every draft is linked again. One that lost, gained or changed a concept, or the number of its negations, is dropped and
counted. Labelled entities move along with the text.
"""

from pathlib import Path

from kgslm import Example, KnowledgePack, augment, build_pack
from kgslm.records import Entity

DATA = Path(__file__).parent / "data"
PACK = Path("build/bank")

TEXTS = [
    "The chargeback was refused and the cardholder did not agree.",
    "The direct debit mandate is not a standing order.",
    "The loan to value of 80 per cent is in the valuation report.",
]


def main() -> None:
    build_pack(sources=[f"glossary={DATA / 'bank_glossary.csv'}"], output=PACK)
    examples = [Example(f"t{number}", text) for number, text in enumerate(TEXTS)]
    mention = examples[0].text.index("chargeback")
    entities = (Entity(mention, mention + len("chargeback"), "Dispute", "chargeback"),)
    examples[0] = Example("t0", examples[0].text, entities=entities)

    report = augment(examples, pack=KnowledgePack.open(PACK), methods=["synonym", "characters"], factor=2, seed=0)
    for new in report.augmented:
        print(f"{new.origin} {new.method:10} {new.example.text}")
        for entity in new.example.entities:
            print(f"{'':14}{entity.label}: {new.example.text[entity.start : entity.end]!r}")
    print(f"kept {report.kept}, dropped {dict(report.dropped)}")


if __name__ == "__main__":
    main()
