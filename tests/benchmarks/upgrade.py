"""What a new release of an ontology does to a model that was trained with the last one.

    python tests/benchmarks/upgrade.py --data DIR [--texts 800] [--shots 16] [--vectors distmult] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo and medical/ohsumed. A tenth of the HPO's terms,
drawn among those without narrower ones, as releases add leaves for the most part, is left out of the earlier release. A
model learns the organ systems that OHSUMED abstracts are about, with evidence from the HPO's branches, then with
graph vectors besides; it is moved to the whole HPO with ``later``, after ``refresh`` of the vectors. ``old_links``: the
share of the test texts that have the same links in both releases; ``counted``: of those that name a new concept of a
label's branch, the share for which evidence says something else at once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.reporting import Row, tell

LABELS = {
    "C04": "HP:0002664", "C05": "HP:0033127", "C06": "HP:0025031", "C08": "HP:0002086", "C09": "HP:0000598",
    "C10": "HP:0000707", "C11": "HP:0000478", "C12": "HP:0000119", "C14": "HP:0001626", "C15": "HP:0001871",
    "C17": "HP:0001574", "C18": "HP:0001939", "C19": "HP:0000818", "C20": "HP:0002715",
}  # fmt: skip
"""The HPO's branch for each of OHSUMED's categories that has one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--texts", type=int, default=800)
    parser.add_argument("--shots", type=int, default=16)
    parser.add_argument("--vectors", default="distmult")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tell(rows_of(options, Path(folder)), options.json)


def rows_of(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    from kgslm.data.classification import Fields, read_examples
    from kgslm.data.sampling import draw_shots, sample, split_off
    from kgslm.injection import EmbeddingsArm, EvidenceArm, Inject
    from kgslm.recipes.embed import embed_pack

    old, new, gone = releases(options.data / "medical/hpo/hp.obo.gz", folder)
    yield {"concepts": len(old.ids), "new": len(gone), **named(new, gone)}
    data = read_examples(options.data / "medical/ohsumed/train.jsonl.gz", Fields("text", "label", "text_pair"))
    data = data.keep([example for example in data if example.labels[0] in LABELS])
    train, test = split_off(data, 0.4)
    train, test = draw_shots(train, options.shots, seed=0), sample(test, options.texts)
    evidence = EvidenceArm(labels={label: [concept] for label, concept in LABELS.items()})
    yield {"arms": "evidence", **moved(Inject(evidence=evidence), old, new, gone, train, test, folder)}
    settings = {"epochs": "5", "dim": "64"}
    embed_pack(old, options.vectors, settings=settings)
    embed_pack(new, options.vectors, refresh=old)
    arms = Inject(evidence=evidence, embeddings=EmbeddingsArm(vectors=options.vectors, start="closed"))
    yield {"arms": f"evidence, {options.vectors}", **moved(arms, old, new, gone, train, test, folder)}


def releases(path: Path, folder: Path) -> tuple[Any, Any, set[str]]:
    """(the earlier release, the later one, the ids that are new there)."""
    from kgslm.packs import KnowledgePack, build_pack

    with gzip.open(path, "rt", encoding="utf-8") as file:
        head, *terms = re.split(r"(?m)^(?=\[)", file.read())
    broader = {id_ for term in terms for id_ in re.findall(r"(?m)^is_a: (\S+)", term)}
    ids = [(re.search(r"(?m)^id: (HP:\S+)", term) or [""] * 2)[1] for term in terms]
    leaves = [id_ for id_, term in zip(ids, terms, strict=True) if id_ and id_ not in broader and "is_a: " in term]
    chosen = np.random.default_rng(0).permutation(len(leaves))[: sum(map(bool, ids)) // 10]
    gone = {leaves[at] for at in chosen.tolist()}
    packs = []
    for name, kept in (("earlier", gone), ("later", set[str]())):
        text = head + "".join(term for id_, term in zip(ids, terms, strict=True) if id_ not in kept)
        (folder / f"{name}.obo").write_text(text, encoding="utf-8")
        recipe = folder / f"{name}.yaml"
        recipe.write_text(json.dumps({"name": "hpo", "sources": [{"kind": "obo", "path": f"{name}.obo"}]}))
        build_pack(recipe, folder / name)
        packs.append(KnowledgePack.open(folder / name))
    return packs[0], packs[1], gone


def named(pack: Any, gone: set[str]) -> Row:
    """The share of the new concepts that a text which is just their name is linked to."""
    from kgslm.linking.dictionary import DictionaryLinker

    names = {id_: pack.concept(id_).name for id_ in sorted(gone)}
    linked = DictionaryLinker.from_pack(pack).link_many(names.values())
    hits = [
        id_ in {it.concept for link in text.links for it in link.candidates}
        for id_, text in zip(names, linked, strict=True)
    ]
    return {"new_linked": round(float(np.mean(hits)), 3)}


def moved(inject: Any, old: Any, new: Any, gone: set[str], train: Any, test: Any, folder: Path) -> Row:
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.tuning.finetune import finetune
    from kgslm.tuning.model import KnowledgeModel
    from kgslm.tuning.options import Tuning

    before = finetune(train, Tuning(inject=inject), pack=old)
    before.save(folder / "model")
    after = KnowledgeModel.load(folder / "model", pack=new, later=True)
    texts = [example.text for example in test]
    changed = np.array(
        [ours.labels != theirs.labels for ours, theirs in zip(before.predict(texts), after.predict(texts), strict=True)]
    )
    was, now = (list(DictionaryLinker.from_pack(pack).link_many(texts)) for pack in (old, new))
    same = np.array([ours.links == theirs.links for ours, theirs in zip(was, now, strict=True)])
    told = gone.intersection({it for root in LABELS.values() for it in new.descendants(root)})
    with_new = [at for at, linked in enumerate(now) if told.intersection(linked.concepts)]
    scorers: tuple[Any, Any] = before.injector.evidence, after.injector.evidence
    scores = [scorer.score([linked[at] for at in with_new]) for scorer, linked in zip(scorers, (was, now), strict=True)]
    counted = np.any(scores[0] != scores[1], axis=(1, 2)) if with_new else np.zeros(0)
    right = [
        np.mean([one.labels == example.labels for one, example in zip(model.predict(texts), test, strict=True)])
        for model in (before, after)
    ]
    return {
        "texts": len(texts),
        "old_links": round(float(same.mean()), 3),
        "changed": round(float(changed.mean()), 4),
        "changed_with_old_links": round(float(changed[same].mean()), 4),
        "with_new": len(with_new),
        "counted": round(float(counted.mean()), 3) if with_new else None,
        "accuracy": [round(float(it), 3) for it in right],
        "trust": round(float(before.facts["trust"]), 2),
    }


if __name__ == "__main__":
    main()
