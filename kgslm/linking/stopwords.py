"""English words with a part of their own in names."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _words("an and as at by due for from in of on or the to with")
"""Left aside when a name is compared with a text: "abnormality of the skin" has the words of "skin abnormality".

The article "a" is one too, where it stands alone and in lower case ("hepatitis A" is something else).
"""

JOINING = _words("and or with")
"""Fillers that join two things: "pain and abdominal" is no abdominal pain."""

EVERYDAY = FILLERS | _words(
    """
    a about above after again against all also am any are be because been before being below between both but can
    cannot could did do does doing down during each few further get had has have having he her here hers him his how i
    if into is it its itself just may me might more most much must my no nor not now off once one only other our out
    over own per same shall she should so some such than that their them then there these they this those through
    thus too under until up upon us use very via was we well were what when where which while who whom why will would
    yes yet you your
    """
)
"""Words that are never a mention on their own."""
