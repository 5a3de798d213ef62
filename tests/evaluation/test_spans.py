"""Scores of spans and relations, against seqeval and scikit-learn."""

from __future__ import annotations

import random

import pytest
from seqeval.metrics import classification_report
from sklearn.metrics import f1_score

from kgslm.evaluation import classification_scores, decided_entities, decided_relations
from kgslm.records import Entity, EntityRelation, Prediction

LABELS = ("Disease", "Drug", "Gene")


def random_tags(rng: random.Random, length: int) -> list[str]:
    tags: list[str] = []
    while len(tags) < length:
        if rng.random() < 0.5:
            tags.append("O")
            continue
        label = rng.choice(LABELS)
        tags += [f"B-{label}", *[f"I-{label}"] * rng.randrange(3)]
    return tags[:length]


def as_entities(tags: list[str]) -> tuple[Entity, ...]:
    found: list[Entity] = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append(Entity(place, place + 1, tag[2:]))
        elif tag.startswith("I-"):
            last = found.pop()
            found.append(Entity(last.start, place + 1, last.label))
    return tuple(found)


@pytest.mark.parametrize("seed", range(5))
def test_entity_scores_are_seqevals(seed: int) -> None:
    rng = random.Random(seed)
    gold = [random_tags(rng, 12) for _ in range(30)]
    said = [tags if rng.random() < 0.6 else random_tags(rng, 12) for tags in gold]
    expected = classification_report(gold, said, output_dict=True, zero_division=0)
    scores = classification_scores(
        [decided_entities(Prediction("", entities=as_entities(tags))) for tags in gold],
        [decided_entities(Prediction("", entities=as_entities(tags))) for tags in said],
    )
    micro = expected["micro avg"]
    found = (scores.micro_precision, scores.micro_recall, scores.micro_f1, scores.macro_f1)
    assert found == pytest.approx(
        (micro["precision"], micro["recall"], micro["f1-score"], expected["macro avg"]["f1-score"])
    )
    for score in scores.labels:
        own = expected[score.label]
        assert (score.precision, score.recall, score.f1, score.support) == pytest.approx(
            (own["precision"], own["recall"], own["f1-score"], own["support"])
        )


@pytest.mark.parametrize("seed", range(5))
def test_relation_scores_are_scikit_learns_without_no_relation(seed: int) -> None:
    rng = random.Random(seed)
    names = ["none", "treats", "causes"]
    gold = [[rng.choice(names) for _ in range(4)] for _ in range(30)]
    said = [[label if rng.random() < 0.5 else rng.choice(names) for label in row] for row in gold]

    def decided(row: list[str]) -> tuple[object, ...]:
        related = (EntityRelation(str(pair), "x", label) for pair, label in enumerate(row) if label != "none")
        return decided_relations(Prediction("", relations=tuple(related)))

    scores = classification_scores([decided(row) for row in gold], [decided(row) for row in said])  # type: ignore[misc]
    flat = ([label for row in rows for label in row] for rows in (gold, said))
    truth, guess = flat
    for average, value in (("micro", scores.micro_f1), ("macro", scores.macro_f1), ("weighted", scores.weighted_f1)):
        assert value == pytest.approx(f1_score(truth, guess, labels=names[1:], average=average))
