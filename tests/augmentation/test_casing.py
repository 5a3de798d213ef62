"""Names in the dress of the mention that they replace."""

from __future__ import annotations

import pytest

from kgslm.augmentation.casing import Casing

CASING = Casing(["Positive Babinski sign", "Acute Abdomen", "Crohn's disease", "Abdomen pain in the abdomen", "MODY"])


@pytest.mark.parametrize(
    ("name", "surface", "opens", "expected"),
    [
        ("Acute Abdomen", "belly", False, "acute abdomen"),
        ("Acute Abdomen", "Belly", True, "Acute abdomen"),
        ("Acute Abdomen", "belly", True, "acute abdomen"),
        ("Acute abdomen", "Sudden Belly", False, "Acute abdomen"),
        ("Acute abdomen", "SUDDEN BELLY", False, "ACUTE ABDOMEN"),
        ("Acute abdomen", "SB", False, "acute abdomen"),
        ("Babinski sign", "plantar reflex", False, "Babinski sign"),
        ("Crohn disease", "regional enteritis", False, "Crohn disease"),
        ("MODY", "diabetes", False, "MODY"),
        ("HbA1c Raised", "sugar", False, "HbA1c raised"),
        ("HYPERTENSION, ESSENTIAL", "pressure", False, "hypertension, essential"),
        ("Hepatitis A", "jaundice", False, "hepatitis A"),
        ("école", "Schule", True, "École"),
    ],
)
def test_casing(name: str, surface: str, opens: bool, expected: str) -> None:
    assert CASING.fit(name, surface, opens_sentence=opens) == expected
