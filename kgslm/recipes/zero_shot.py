"""Predict without training: a pack, labels and texts."""

from __future__ import annotations

from pathlib import Path

from kgslm.config import parse_config, read_yaml
from kgslm.data.classification import Fields, read_examples
from kgslm.errors import ConfigError
from kgslm.injection import EvidenceArm
from kgslm.packs import KnowledgePack
from kgslm.recipes.explain import Explain, Explaining
from kgslm.recipes.train import write_predictions
from kgslm.tuning.frozen import Progress
from kgslm.tuning.tasks.classification import Classification
from kgslm.tuning.zero_shot import Calibration, ZeroShotClassifier

_MAX_LENGTH = 128


def zero_shot(
    pack: KnowledgePack | Path | str, labels: str | Path | list[str], *, model: str = "all-MiniLM-L6-v2"
) -> ZeroShotClassifier:
    """A classifier from a pack and labels alone.

    labels: a list, ``"C01,C04"``, or a YAML file that maps each label to the ids, tree numbers, categories or names of
    what it stands for, or to nothing where the label itself is one. Raises ConfigError, PackError, ModelError or
    MissingExtra.
    """
    from kgslm.embedding import TextEmbedder
    from kgslm.linking.dictionary import DictionaryLinker
    from kgslm.models import load_backbone

    opened = pack if isinstance(pack, KnowledgePack) else KnowledgePack.open(pack)
    names, arm = _labels(labels)
    embedder = TextEmbedder(load_backbone(model), max_length=_MAX_LENGTH)
    return ZeroShotClassifier.from_pack(opened, names, embedder, DictionaryLinker.from_pack(opened), arm)


def calibrated(classifier: ZeroShotClassifier, data: Path | str) -> tuple[ZeroShotClassifier, Calibration]:
    """The classifier with probabilities that fit the labelled texts of a file. Raises DataError."""
    return classifier.calibrated(read_examples(data, Fields()))


def predict_zero_shot(
    classifier: ZeroShotClassifier,
    data: Path | str,
    output: Path | str,
    *,
    explain: Explain | None = None,
    progress: Progress | None = None,
) -> int:
    """Predict every text of a file; labels there are not looked at. Returns how many texts there were."""
    task = Classification(tuple(classifier.labels))
    examples = list(read_examples(data, Fields(), labelled=False))
    predictions = classifier.predict(examples, progress)
    explaining = Explaining(classifier.explain(examples)) if explain else None
    write_predictions(output, [task.record(prediction) for prediction in predictions], explaining)
    if explain and explaining:
        explaining.write_page(explain.page, classifier.pack)
    return len(predictions)


def _labels(given: str | Path | list[str]) -> tuple[list[str], EvidenceArm]:
    if isinstance(given, list):
        return given, EvidenceArm()
    path = Path(given)
    if not path.is_file():
        if isinstance(given, Path) or path.suffix in (".yaml", ".yml"):
            raise ConfigError(
                f"{given}: no such file; give labels, such as C01,C04, or a YAML file that maps them to concepts"
            )
        return [label.strip() for label in given.split(",") if label.strip()], EvidenceArm()
    mapping = read_yaml(path)
    told = {label: terms for label, terms in mapping.items() if terms is not None}
    arm = parse_config({"labels": told}, EvidenceArm, where=str(path), base=path.parent)
    return [str(label) for label in mapping], arm
