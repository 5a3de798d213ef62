"""How mentions are meant, on sentences of our own."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgslm.errors import ConfigError
from kgslm.linking.assertion import Asserter, rules_of
from kgslm.linking.assertion_cues import CueFinder, plain_phrase
from kgslm.linking.assertion_rules import FLAGS, Cue, load_rules, shipped_rules
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.lexicon import build_lexicon
from kgslm.linking.settings import LinkSettings
from kgslm.records import Link, LinkedText
from tests.linking import assertion_sentences as sentences
from tests.linking.assertion_sentences import flags_of, read

ENGLISH = Asserter.for_language("en")
OFF = LinkSettings(assertions=False)

BLOCKS = [
    ("en", None, sentences.MEDICAL),
    ("en", "medical", sentences.MEDICAL),
    ("en", None, sentences.LEGAL),
    ("en", "legal", sentences.LEGAL),
    ("en", None, sentences.FINANCIAL),
    ("en", "financial", sentences.FINANCIAL),
    ("de", None, sentences.GERMAN),
    ("es", None, sentences.SPANISH),
    ("zh", None, sentences.CHINESE),
]


def lines(block: str) -> list[str]:
    return block.strip().split("\n")


@pytest.mark.parametrize(("language", "domain", "block"), BLOCKS)
def test_sentences(language: str, domain: str | None, block: str) -> None:
    asserter = Asserter.for_language(language, domain=domain)
    wrong = []
    for sentence in lines(block):
        linked, flags = read(sentence)
        found = flags_of(asserter.mark([linked])[0])
        if found != flags:
            wrong.append((sentence, found))
    assert wrong == []


def test_sentences_that_the_rules_were_not_made_for() -> None:
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for sentence in lines(sentences.UNSEEN):
        linked, flags = read(sentence)
        for own, gold in zip(flags_of(ENGLISH.mark([linked])[0]), flags, strict=True):
            right.update(own & gold)
            found.update(own)
            wanted.update(gold)
    for flag in FLAGS:
        assert right[flag] / found[flag] >= 0.9, flag
        assert right[flag] / wanted[flag] >= 0.9, flag


def test_a_new_line_ends_a_clause_where_a_sentence_or_an_item_begins() -> None:
    text = "no {fever}n or\n{chills}n\nNext line {cough}\n- no {rash}n\n- {pain}\n2. {nausea}\n\n{dizziness}"
    linked, flags = read(text)
    assert flags_of(ENGLISH.mark([linked])[0]) == flags


def test_abbreviations_and_numbers_end_no_clause() -> None:
    linked, flags = read("No evidence per Dr. Smith of {E. coli}n, {fever}n over 38.5 or {cough}n. {Pain} on day 2.")
    assert flags_of(ENGLISH.mark([linked])[0]) == flags


def test_a_cue_in_a_mention_says_nothing() -> None:
    for sentence in [
        "{absence of eyebrows} and {ataxia}",
        "{no data}",
        "{Without}",
        "{family history of gout}, {gout}",
    ]:
        linked, flags = read(sentence)
        assert flags_of(ENGLISH.mark([linked])[0]) == flags
    # A mention that is all of the cue is a word of its own, not a part of a name.
    linked, flags = read("{absence of} {eyebrows}n")
    assert flags_of(ENGLISH.mark([linked])[0]) == flags


def test_only_whole_words_are_cues_in_any_case() -> None:
    for sentence in ["nocturnal {pain}", "βno {pain}", "noβ {pain}", "NO {pain}n", "No-{pain}n", "no\n{pain}n"]:
        linked, flags = read(sentence)
        assert flags_of(ENGLISH.mark([linked])[0]) == flags, sentence


def test_flags_that_are_set_stay() -> None:
    linked, _ = read("{fever} and no {cough}")
    linked = replace(linked, links=tuple(replace(link, historical=True) for link in linked.links), id="x")
    marked = ENGLISH.mark([linked])[0]
    assert flags_of(marked) == [{"historical"}, {"historical", "negated"}]
    assert marked.id == "x"


# What the linker does with them.

NAMES = [("D:1", "fever", "preferred"), ("D:2", "cough", "preferred"), ("D:3", "absence of eyebrows", "preferred")]


def test_the_linker_flags_by_default_and_can_leave_it() -> None:
    texts = ["No fever or cough.", "fever", "", "absence of eyebrows, no", "If cough, call."]
    linked = list(DictionaryLinker.from_names(NAMES).link_many(texts))
    assert [flags_of(one) for one in linked] == [
        [{"negated"}, {"negated"}],
        [set()],
        [],
        [set()],
        [{"hypothetical"}],
    ]
    plain = list(DictionaryLinker.from_names(NAMES, OFF).link_many(texts))
    assert all(flags == set() for one in plain for flags in flags_of(one))
    assert [unflagged(one) for one in linked] == plain


def test_a_given_mention_is_flagged() -> None:
    linker = DictionaryLinker.from_names(NAMES)
    text = "No fever or strange pains. Fever."
    assert linker.link_mention(text, 3, 8).negated
    nil = linker.link_mention(text, 12, 25)
    assert (nil.concept, nil.negated) == (None, True)
    assert not linker.link_mention(text, 27, 32).negated
    assert not DictionaryLinker.from_names(NAMES, OFF).link_mention(text, 3, 8).negated


def test_the_cues_of_a_text_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asserter = Asserter.for_language("en")
    seen = []
    find = asserter._finder.find

    def counted(text: str) -> list[tuple[int, int, Cue | None]]:
        seen.append(text)
        return find(text)

    monkeypatch.setattr(asserter._finder, "find", counted)
    for number in range(3):
        text = f"no fever {number}"
        for _ in range(5):
            assert asserter.mark_mention(text, Link(3, 8, "fever", "D:1")).negated
    assert len(seen) == 3


def test_linkers_and_asserters_are_pickled() -> None:
    text = "No fever; kein cough"
    for linker, flags in (
        (DictionaryLinker.from_names(NAMES), [{"negated"}, set()]),
        (DictionaryLinker.from_names(NAMES, OFF), [set(), set()]),
        (DictionaryLinker(build_lexicon(NAMES), assertions=Asserter.for_language("de")), [set(), {"negated"}]),
    ):
        again = pickle.loads(pickle.dumps(linker))
        assert again.link(text) == linker.link(text)
        assert flags_of(again.link(text)) == flags


def test_the_rules_are_those_of_the_language_where_it_has_some() -> None:
    text = "kein fever; no fever"
    for language, flags in (("en", [False, True]), ("de-CH", [True, False]), ("fr", [False, False])):
        linker = DictionaryLinker.from_names(NAMES, language=language)
        assert [link.negated for link in linker.link(text).links] == flags
    assert rules_of("fr") is None
    assert rules_of("en") is rules_of("en")


def test_mentions_inside_others_are_flagged_too() -> None:
    linker = DictionaryLinker.from_names(
        [
            ("A", "breast cancer", "preferred"),
            ("B", "ovarian cancer", "preferred"),
            ("C", "absence of cancer", "exact"),
        ],
        LinkSettings(overlap="all"),
    )
    for text, flags in [
        ("no breast and ovarian cancer", {True}),
        ("breast and ovarian cancer was ruled out", {True}),
        ("absence of cancer, ovarian cancer", {False}),
    ]:
        links = linker.link(text).links
        assert len(links) > 1
        assert {link.negated for link in links} == flags


# Rules of one's own.


def own_rules(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_of_ones_own_add_and_take_away(tmp_path: Path) -> None:
    path = own_rules(
        tmp_path,
        """
flags:
  - {flag: [negated, historical], direction: backward, max_words: 1, cues: "has {gone}"}
ends: [{cues: meanwhile, direction: forward}]
pseudo: ["if", but]
words: {gone: "vanished, gone away"}
""",
    )
    asserter = Asserter.for_language("en", own=[path])
    for sentence in [
        "{fever}np has gone away, {cough}",
        "{rash} on {arm}np that has vanished",
        "if {fever}",
        "no {fever}n but {cough}n",
        "no {fever}n meanwhile {cough}",
    ]:
        linked, flags = read(sentence)
        assert flags_of(asserter.mark([linked])[0]) == flags, sentence
    alone = Asserter([path])
    assert flags_of(alone.mark([read("no {fever}, {cough} has vanished")[0]])[0]) == [set(), {"negated", "historical"}]


def test_a_flag_may_be_given_back_to_what_was_pseudo(tmp_path: Path) -> None:
    path = own_rules(tmp_path, "flags: [{flag: negated, direction: forward, cues: not only}]\nends: [{cues: not only}]")
    linked, flags = read("not only {fever}n not only {cough}n, if {rash}h not only {pain}n")
    assert flags_of(Asserter.for_language("en", own=[path]).mark([linked])[0]) == flags


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flags: [{flag: denied, direction: forward, cues: nay}]", "flags.0.flag.0: Input should be 'negated'"),
        ("flags: [{flag: negated, direction: up, cues: nay}]", "flags.0.direction: Input should be 'forward'"),
        ("flags: [{flag: negated, direction: both, cues: no}]", "flags.0.cues: put no, yes, on and off in quotes"),
        ("flags: [{flag: negated, direction: both, cues: [no, nay]}]", "flags.0.cues: put no, yes, on and off"),
        ("flags: [{flag: negated, direction: both}]", "flags.0.cues: Field required"),
        (
            "flags: [{flag: negated, direction: both, max_words: -1, cues: nay}]",
            "flags.0.max_words: Input should be gr",
        ),
        ("pseudo: [nay, '(-)']", "the cue '(-)' has no letters or digits"),
        ("pseudo: '{nay} sir'", "the cue '{nay} sir': unknown word 'nay'"),
        ("pseudo: nay\nflags: [{flag: negated, direction: both, cues: Nay}]", "the cue 'nay' is given twice"),
        ("pseudos: nay", "unknown key 'pseudos'; did you mean 'pseudo'?"),
        ("ends:\n  - cues: [\n", "own.yaml:3: not valid YAML"),
    ],
)
def test_a_bad_file_is_one_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = own_rules(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        Asserter.for_language("en", own=[path])
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_an_unknown_language_or_domain_says_what_there_is() -> None:
    with pytest.raises(ConfigError, match="unknown language 'fr'; choose from de, en, es, zh"):
        Asserter.for_language("fr")
    with pytest.raises(ConfigError, match="en has no domain 'sports'; it has financial, legal, medical"):
        Asserter.for_language("en", domain="sports")


@pytest.mark.parametrize("language", ["de", "en", "es", "zh"])
def test_shipped_rules_hold_what_they_promise(language: str) -> None:
    for path in shipped_rules(language):
        rules = load_rules(path)
        assert rules.cues
        for phrase, cue in rules.cues.items():
            assert phrase == plain_phrase(phrase)
            assert cue is None or (cue.flags and (cue.forward or cue.backward))


# What holds for any text.

WORDS = [
    "no", "fever", "but", "if", ", ", ". ", "\n", "history", "of", "mother", "not", "only", "was", "ruled", "out", "(",
    ")", "İ", "β", "absent", "is", "denied", " ", "past", "é", "无", "；", "in", "the", "A", "\n\n", "-", "'", "n't",
    "?",
]  # fmt: skip


@st.composite
def linked_texts(draw: st.DrawFn) -> LinkedText:
    text = ""
    links = []
    for word in draw(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=25)):
        if word and draw(st.booleans()):
            links.append(Link(len(text), len(text) + len(word), word, draw(st.sampled_from(["D:1", None]))))
        text += word + draw(st.sampled_from(["", " "]))
    return LinkedText(text, tuple(links), draw(st.sampled_from(["", "a"])))


def unflagged(linked: LinkedText) -> LinkedText:
    return replace(
        linked,
        links=tuple(
            replace(link, negated=False, hypothetical=False, historical=False, other_person=False)
            for link in linked.links
        ),
    )


@settings(max_examples=300)
@given(st.lists(linked_texts(), max_size=4))
def test_marking_changes_flags_only_and_each_text_alone(linked: list[LinkedText]) -> None:
    for asserter in (ENGLISH, CHINESE):
        marked = asserter.mark(linked)
        assert [unflagged(one) for one in marked] == linked
        assert marked == [asserter.mark([one])[0] for one in linked]
        assert asserter.mark(marked) == marked


CHINESE = Asserter.for_language("zh")


@given(st.text(alphabet="aA bİéβ无-_\n", max_size=30))
def test_cues_are_whole_words_and_do_not_overlap(text: str) -> None:
    for phrases, letters in ((["a", "a b", "é"], {"a", "é"}), (["a", "a b", "无"], {"a", "无"})):
        last = 0
        for start, end, phrase in CueFinder({phrase: phrase for phrase in phrases}).find(text):
            assert plain_phrase(text[start:end]) == phrase
            assert start >= last
            assert not text[start - 1 : start].isalnum() or start == 0
            assert not text[end : end + 1].isalnum()
            last = end
        alone = [match for match in re.split(r"[\W_]", text.replace("İ", "i").lower()) if match in letters]
        assert bool(alone) == bool(last)


def test_no_letter_but_one_grows_in_lower_case() -> None:
    assert [chr(code) for code in range(0x110000) if len(chr(code).lower()) != 1] == ["İ"]


def test_no_rules_mark_nothing(tmp_path: Path) -> None:
    linked, _ = read("no {fever}")
    assert Asserter([own_rules(tmp_path, "")]).mark([linked]) == [linked]
    assert Asserter([]).mark([linked]) == [linked]
