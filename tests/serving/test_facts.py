"""Which direction of a list a question asks for."""

from __future__ import annotations

import pytest

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs.verbalise import wording
from kgslm.serving.facts import fits_direction
from kgslm.serving.question import read_question

LINKER = DictionaryLinker.from_names([("X:1", "xanthoma", "preferred"), ("X:2", "symptom", "preferred")])


@pytest.mark.parametrize(
    ("text", "predicate", "forward", "inverse"),
    [
        ("What does xanthoma treat?", "TREATS", True, False),
        ("What treats xanthoma?", "TREATS", False, True),
        ("How is xanthoma treated?", "TREATS", False, True),
        ("What is treated by xanthoma?", "TREATS", True, False),
        ("treatment of xanthoma", "TREATS", None, None),
        ("Which drugs are contraindicated in xanthoma?", "CONTRAINDICATED_IN", False, True),
        ("What does xanthoma cause?", "MAY_CAUSE", True, False),
        ("What causes xanthoma?", "MAY_CAUSE", False, True),
        ("What are the symptoms of xanthoma?", "HAS_SYMPTOM", True, None),
        ("Which disease has the symptom xanthoma?", "HAS_SYMPTOM", None, True),
        ("Complications of xanthoma", "COMPLICATION_OF", None, True),
        ("What interacts with xanthoma?", "INTERACTS_WITH", True, True),
        ("What is xanthoma a use of?", "has use", None, None),
    ],
)
def test_directions(text: str, predicate: str, forward: bool | None, inverse: bool | None) -> None:
    question = read_question(text, LINKER)
    (subject,) = question.mentions
    assert fits_direction(question, subject, wording(predicate), False) is forward
    assert fits_direction(question, subject, wording(predicate), True) is inverse


def test_what_is_asked_is_no_mention_beside_another_one() -> None:
    question = read_question("Which symptoms has a xanthoma in patients?", LINKER)
    assert [mention.surface for mention in question.mentions] == ["xanthoma"]
    assert [(word.stem, word.kind) for word in question.words] == [("symptom", True)]
    assert [mention.surface for mention in read_question("What is a symptom?", LINKER).mentions] == ["symptom"]


def test_commands_are_skipped_only_where_they_begin_a_question() -> None:
    assert read_question("Tell me what it is").empty
    assert [word.stem for word in read_question("What can I give for xanthoma?", LINKER).words] == ["give"]


def test_how_common_asks_for_a_number() -> None:
    assert [word.stem for word in read_question("How common is xanthoma?", LINKER).words] == ["common"]
    assert read_question("What is the usual xanthoma?", LINKER).words == ()
