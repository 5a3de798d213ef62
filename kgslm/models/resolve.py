"""From the name of a model to where its files are, without ever fetching what nobody named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kgslm.errors import MissingExtra, ModelError, unknown
from kgslm.models.cache import cached_sha256
from kgslm.models.catalogue import MODELS, KnownModel, PackagedWeights, find_model


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's files are.

    location: a model folder, a GGUF file or a hub id. known: its catalogue entry, where it has one.
    fetch: whether the hub may be asked, which takes a hub id that the user wrote out.
    """

    name: str
    location: str
    known: KnownModel | None = None
    fetch: bool = False
    sha256: str = ""

    @property
    def gguf(self) -> bool:
        """Whether it is one quantised file instead of a model folder."""
        return self.location.endswith(".gguf")


def resolve_model(name: str) -> Source:
    """Find a model by alias, path or hub id, in this order.

    Raises MissingExtra where the package of its weights is not installed; ModelError, with a suggestion, where the
    name is not known, the weights differ from what was published, or a folder is not a model.
    """
    known = find_model(name)
    if known is not None and known.package is not None:
        root = known.package.root()
        if root is not None:
            return _packaged(name, known, known.package, root)
        # The alias means the package; the hub id, written out, means the hub.
        if name.casefold() == known.alias.casefold() and not _cached_on_disk(known.hub):
            raise MissingExtra(known.package.distribution, "models", install=known.package.install)
    path = Path(name).expanduser()
    if path.exists():
        return _local(name, path)
    if known is not None and name.casefold() == known.alias.casefold():
        if _cached_on_disk(known.hub):
            return Source(name, known.hub, known)
        raise ModelError(
            f"{name}: no installed package brings these weights; name {known.hub} to fetch them from the Hugging Face "
            "hub, or give a local folder"
        )
    if name.count("/") == 1 and not name.startswith(("/", ".", "~")) and not name.endswith("/"):
        return Source(name, name, known, fetch=True)
    if "/" in name:
        raise ModelError(f"{name}: no such folder; give a model folder, a known model or a hub id such as owner/name")
    raise ModelError(
        f"{unknown('model', name, [model.alias for model in MODELS])}; or give a path or a hub id owner/name"
    )


def installed(model: KnownModel) -> bool:
    """Whether the model loads without a network: from its package or from the hub's cache on this disk."""
    return (model.package is not None and model.package.root() is not None) or _cached_on_disk(model.hub)


def _packaged(name: str, known: KnownModel, package: PackagedWeights, root: Path) -> Source:
    weights = root / package.weights
    if not weights.is_file():
        raise ModelError(f"{weights}: missing; install {package.distribution} again")
    if cached_sha256(weights) != package.sha256:
        raise ModelError(
            f"{weights}: the checksum is not that of the published weights; install {package.distribution} again"
        )
    return Source(name, str(root / package.path), known, sha256=package.sha256)


def _local(name: str, path: Path) -> Source:
    if path.is_file() and path.suffix == ".gguf":
        return Source(name, str(path), sha256=cached_sha256(path))
    if not (path / "config.json").is_file():
        raise ModelError(f"{path}: not a model folder, it has no config.json")
    return Source(name, str(path))


def _cached_on_disk(hub: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub, "config.json"), str)
