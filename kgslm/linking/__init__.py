"""Text to concepts.

- The dictionary linker (``dictionary``): ``tokens`` and ``vocabulary`` make words into stem classes, with the data of
  ``languages``; ``lexicon`` keys the names of a pack, with what ``word_synonyms`` learns from them; ``windows`` and
  ``coordination`` find names in a text; ``matching`` and ``candidates`` score them; ``back_off`` reads given mentions,
  with ``completion``, ``morphology`` and ``chemistry``; ``link_making`` and ``collecting`` make many links fast.
- What a text says of its mentions: ``abbreviations`` reads its brackets, ``definitions`` what they mean in the names of
  a pack; ``choice`` keeps the best of overlapping mentions, ``sections`` and ``doubt`` leave out those that are not
  wanted and those without support, ``senses`` settles which of several concepts is meant; ``assertion*`` flag them by
  rules in YAML (``assertions``).
- The context linker (``context``): ``ngrams``, ``word_matches``, which ``word_building`` makes with what
  ``shortenings`` learns, ``dense`` and ``readings`` propose; ``features`` with ``alignment`` and ``comparison``,
  ``ranker`` from the weights of ``feature_names``, and ``coherence`` weigh; ``free_text`` finds mentions; ``teaching``
  and ``selfsupervision`` train it; ``context_store`` keeps it in the pack.
- ``protocol`` says what a linker is and knows them by name; ``settings`` are the switches; ``spacy_component``
  links inside spaCy.
"""

from kgslm.linking.protocol import LINKERS, Linker, LinkerSpec, MentionsLinker
from kgslm.linking.settings import LinkSettings

__all__ = ["LINKERS", "LinkSettings", "Linker", "LinkerSpec", "MentionsLinker"]
