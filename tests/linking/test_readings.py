"""What a mention may be read as."""

from __future__ import annotations

import pytest

from kgslm.linking.readings import AS_IS, PART, WRITTEN, definitions_of, readings


def test_abbreviations_are_written_out() -> None:
    found = readings("sporadic ALD", {"ALD": "adrenoleukodystrophy"})
    assert [(it.text, it.kind) for it in found] == [("sporadic adrenoleukodystrophy", WRITTEN), ("sporadic ALD", AS_IS)]


@pytest.mark.parametrize(
    ("surface", "parts"),
    [
        ("breast and ovarian cancer", ["breast cancer", "ovarian cancer"]),
        ("colon, breast, or lung tumours", ["colon tumours", "breast tumours", "lung tumours"]),
        ("deficiency of C5 and C6", ["deficiency of C5 C6", "deficiency of C5", "C6", "deficiency of C6"]),
        ("breast/ovarian cancer", ["breast cancer", "ovarian cancer"]),
        ("asthma", []),
    ],
)
def test_coordinations_have_parts(surface: str, parts: list[str]) -> None:
    assert [it.text for it in readings(surface, {}) if it.kind == PART] == parts


def test_a_mention_that_defines_its_own_abbreviation_is_read_without_it() -> None:
    assert readings("breast cancer (BC) families", {})[0].text == "breast cancer families"
    assert readings("(ALD)", {})[0].text == "(ALD)"


def test_letters_of_a_short_form_may_come_in_another_order() -> None:
    text = "Patients with myotonic dystrophy (DM) or heart failure (HF); not good (XY)."
    assert dict(definitions_of(text)) == {"DM": "myotonic dystrophy", "HF": "heart failure"}
