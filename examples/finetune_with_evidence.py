"""Fine-tune a classifier with the evidence arm, and say why it decided as it did.

    python examples/finetune_with_evidence.py        (needs kgslm[models])

The evidence arm adds ``trust * evidence`` to the logits that the model reads from the text. Trust is one number,
learnt by cross-fitting: the training texts are cut into folds, each fold is predicted by a head that has not seen it,
and the trust that makes the true labels likeliest is taken. Knowledge that does not help gets a trust near zero.
"""

from pathlib import Path

from kgslm import EvidenceArm, Example, Inject, KnowledgeModel, KnowledgePack, Tuning, build_pack, evaluate, finetune

DATA = Path(__file__).parent / "data"
PACK, MODEL = Path("build/bank"), Path("build/bank-model")


def main() -> None:
    build_pack(sources=[f"glossary={DATA / 'bank_glossary.csv'}"], output=PACK)
    pack = KnowledgePack.open(PACK)

    # labels: auto (the default) looks each label up in the pack; "cards" is the name of a category there.
    tuning = Tuning(max_length=32, inject=Inject(evidence=EvidenceArm(labels="auto")))
    model = finetune(DATA / "bank_train.jsonl", tuning, pack=pack)
    print(f"{model.facts['grounded_labels']} of {len(model.labels)} labels grounded, trust {model.facts['trust']:.2f}")

    scores = evaluate(model, DATA / "bank_test.jsonl")
    print(f"test: accuracy {scores.accuracy:.3f}, macro-F1 {scores.macro_f1:.3f}")

    # What the folder holds is all that another machine needs, beside the same pack and the same backbone.
    model.save(MODEL)
    explain(KnowledgeModel.load(MODEL), "Please switch on the DRIP.")


def explain(model: KnowledgeModel, text: str) -> None:
    """Print the concepts that were found, and what text and knowledge each say for every label."""
    example = Example("0", text)
    known = model.injector.read([example])[0]
    assert model.injector.linker is not None and known.evidence is not None
    print(text)
    for link in model.injector.linker.link(text).links:
        print(f"  {link.surface!r} is {link.name}")
    scores = known.evidence.reshape(-1, len(model.labels))
    from_knowledge = (model.network.trust.numpy() * scores).sum(axis=0)
    from_text = model.logits([example])[0] - from_knowledge
    print(f"  {'label':12} {'text':>6} {'graph':>6} {'sum':>6}")
    for label, own, graph in zip(model.labels, from_text, from_knowledge, strict=True):
        print(f"  {label:12} {own:6.2f} {graph:6.2f} {own + graph:6.2f}")
    print(f"  predicted: {model.predict([text])[0].label}")


if __name__ == "__main__":
    main()
