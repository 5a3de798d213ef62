"""The tasks by name."""

from kgslm.registry import Registry

TASKS = Registry(
    "kgslm.tasks",
    {
        "classification": "kgslm.tuning.tasks.classification:Classification",
        "tagging": "kgslm.tuning.tasks.tagging:Tagging",
        "relations": "kgslm.tuning.tasks.relations:Relations",
    },
)
"""Name to a subclass of ``kgslm.tuning.tasks.base.Task``."""
