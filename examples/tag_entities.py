"""Teach a tagger to find bank terms from a dozen sentences, with a glossary and without one.

    python examples/tag_entities.py        (needs kgslm[models])

With the evidence arm the tagger knows of each word whether a name of the pack begins or goes on there, and learns from
the labelled sentences how much that is worth. So it finds terms that no labelled sentence has.
"""

import re
from pathlib import Path

from kgslm import Entity, EvidenceArm, Example, Inject, KnowledgePack, Tuning, build_pack, finetune

GLOSSARY = Path(__file__).parent / "data" / "bank_glossary.csv"
PACK = Path("build/bank")

LABELLED = [
    "She asked for a [chargeback] last week.",
    "The [credit limit] was reached twice in May.",
    "He wants to close his [escrow account] today.",
    "Nobody answered the phone.",
    "A [standing order] was set up for the rent.",
    "Please send the papers to my new address.",
    "My [cash advance] was refused abroad.",
    "The branch opens at nine.",
    "The [faster payment] came back unpaid.",
    "They raised the [interchange fee] again.",
    "Thank you for the quick help.",
    "I would like to [remortgage] early.",
]
NEW = "How do I set up a wire transfer, and what is the SWIFT code?"


def main() -> None:
    build_pack(sources=[f"glossary={GLOSSARY}"], output=PACK)
    pack = KnowledgePack.open(PACK)
    examples = [marked(str(number), sentence) for number, sentence in enumerate(LABELLED)]
    for name, inject in (("without", Inject()), ("with", Inject(evidence=EvidenceArm()))):
        model = finetune(examples, Tuning(task="tagging", max_length=32, inject=inject), pack=pack)
        (prediction,) = model.predict([NEW])
        found = [NEW[entity.start : entity.end] for entity in prediction.entities]
        print(f"{name:8} knowledge, trust {model.facts['trust']:.2f}: {found}")


def marked(key: str, sentence: str) -> Example:
    """An example from a sentence with its terms in brackets."""
    entities = tuple(
        Entity(match.start() - 2 * number, match.end() - 2 * number - 2, "term")
        for number, match in enumerate(re.finditer(r"\[[^]]*\]", sentence))
    )
    return Example(key, re.sub(r"[\[\]]", "", sentence), entities=entities)


if __name__ == "__main__":
    main()
