"""``python -m kgslm``: the same as the ``kgslm`` command."""

from kgslm.cli import main

main()
