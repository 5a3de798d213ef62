"""Work on streams of any length: in order, in constant memory, on several processes, and resumable.

The room knows nothing of what is done to the items; a ``Task`` says that.
"""

from kgslm.bulk.journal import LineOutput, journal, line_output
from kgslm.bulk.pool import pooled
from kgslm.bulk.ray_data import on_ray
from kgslm.bulk.work import Task, attempt, batched, inline

__all__ = ["LineOutput", "Task", "attempt", "batched", "inline", "journal", "line_output", "on_ray", "pooled"]
