"""One file a format; ``kgslm.packs.sources.READERS`` names them."""
