"""How good: metrics, intervals, comparisons and reports. It sees labels and predictions alone, never a model."""

from kgslm.evaluation.alignment import (
    Decided,
    align_predictions,
    decided_entities,
    decided_labels,
    decided_relations,
)
from kgslm.evaluation.cells import ALL, NONE, RANDOM_VECTORS, SHUFFLED, Cell, read_cell
from kgslm.evaluation.comparison import CellResult, check_grid, summarise
from kgslm.evaluation.console import console_table, scores_table
from kgslm.evaluation.effects import Judging
from kgslm.evaluation.intervals import Bootstrap, Interval, difference_interval, score_interval
from kgslm.evaluation.metrics import (
    ClassificationScores,
    Decision,
    LabelCounts,
    LabelScore,
    accuracy,
    classification_scores,
    macro_f1,
    micro_f1,
    weighted_f1,
)
from kgslm.evaluation.permutation import Permutation
from kgslm.evaluation.report import write_report
from kgslm.evaluation.slices import Slicing
from kgslm.evaluation.wording import verdict

__all__ = [
    "ALL",
    "NONE",
    "RANDOM_VECTORS",
    "SHUFFLED",
    "Bootstrap",
    "Cell",
    "CellResult",
    "ClassificationScores",
    "Decided",
    "Decision",
    "Interval",
    "Judging",
    "LabelCounts",
    "LabelScore",
    "Permutation",
    "Slicing",
    "accuracy",
    "align_predictions",
    "check_grid",
    "classification_scores",
    "console_table",
    "decided_entities",
    "decided_labels",
    "decided_relations",
    "difference_interval",
    "macro_f1",
    "micro_f1",
    "read_cell",
    "score_interval",
    "scores_table",
    "summarise",
    "verdict",
    "weighted_f1",
    "write_report",
]
