"""A model on disk: adapter, head, fusion, evidence, labels and the fingerprint of its pack, in one folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file, save_file

from kgslm.artifacts import atomic_folder, read_manifest, write_manifest
from kgslm.embedding.store import stored_facts
from kgslm.errors import KgslmError, ModelError
from kgslm.injection import Inject
from kgslm.injection.injector import Injector
from kgslm.packs import KnowledgePack
from kgslm.tuning.assemble import Base, make_batcher, make_injector, make_network, make_tokeniser
from kgslm.tuning.network import Network
from kgslm.tuning.options import Tuning
from kgslm.tuning.split import top_of
from kgslm.tuning.tasks.base import Task, task_class
from kgslm.tuning.tokens import Tokeniser

if TYPE_CHECKING:
    from kgslm.tuning.model import KnowledgeModel

KIND = "model"
FORMAT_VERSION = 1


def save_model(model: KnowledgeModel, path: Path) -> None:
    """Write the model's folder. Raises KgslmError where something else is in the way."""
    with atomic_folder(path, KIND) as folder:
        model.tuning.adapter.save(model.network.layers, folder / "adapter")
        own = {name: value.detach().cpu().contiguous() for name, value in model.network.own_state().items()}
        save_file(own, str(folder / "network.safetensors"))
        if model.injector.evidence:
            _write_json(folder / "evidence.json", model.injector.evidence.facts())
        facts = {
            "task": model.task.name,
            **model.task.facts(),
            "tuning": model.tuning.model_dump(mode="json", serialize_as_any=True),
            "backbone": {"name": model.tuning.model, "fingerprint": model.backbone.fingerprint},
            "pack": _pack_facts(model.pack, path),
            # Of the graph vectors that the fusion learnt to read; empty for vectors that are made from words.
            "vectors": model.batcher.vectors_checksum,
            # False where the arm did not help and was left out.
            "context": model.injector.context is not None,
            "embeddings": model.network.fusion is not None,
            "predicate_weights": dict(model.injector.context.weights) if model.injector.context else {},
            "training": model.facts,
        }
        write_manifest(folder, KIND, FORMAT_VERSION, facts)


def load_model(
    path: Path, *, pack: KnowledgePack | Path | str | None, device: str, later: bool = False
) -> KnowledgeModel:
    """Open a model's folder; see ``KnowledgeModel.load``."""
    from kgslm.tuning.model import KnowledgeModel

    try:
        manifest = read_manifest(path, KIND, FORMAT_VERSION, verify=True)
        tuning = Tuning.model_validate(manifest["tuning"])
        task = task_class(manifest["task"]).from_facts(manifest)
    except KgslmError as error:
        raise ModelError(str(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: the manifest is damaged; train the model again") from error
    tuning = tuning.model_copy(update={"train": tuning.train.model_copy(update={"device": device})})
    base = Base.load(tuning, _open_pack(path, manifest["pack"], pack, later=later))
    if base.backbone.fingerprint != manifest["backbone"]["fingerprint"]:
        raise ModelError(f"{path}: the weights of {tuning.model} are not those that the model was trained on")
    layers = tuning.adapter.restore(top_of(base.backbone.model, base.frozen.layers), path / "adapter")
    tokeniser = make_tokeniser(tuning, base)
    kept = tuning.model_copy(update={"inject": _kept(tuning.inject, manifest)})
    injector = _injector(path, manifest, kept, base, task, tokeniser)
    if later:
        injector = _renewed(path, injector, kept, base, task)
    network = make_network(kept, base, task, injector.evidence, layers)
    _fill(network, path)
    batcher = make_batcher(base, kept.inject, tokeniser)
    if batcher.vectors_checksum != manifest.get("vectors", "") and not (later and _refreshed(tuning, base, manifest)):
        raise ModelError(
            f"{path}: the concept vectors in the pack are not those of the training; "
            + ("make them with kgslm pack embed --refresh" if later else "train the model again")
        )
    return KnowledgeModel(
        backbone=base.backbone,
        network=network,
        batcher=batcher,
        injector=injector,
        task=task,
        tuning=tuning,
        pack=base.pack,
        facts=manifest["training"],
    )


def _fill(network: Network, path: Path) -> None:
    """Put the saved head, fusion and trust into the network. Raises ModelError where they do not fit."""
    saved = load_file(str(path / "network.safetensors"))
    try:
        if saved.keys() != network.own_state().keys():
            raise RuntimeError("other parts than the manifest says")
        # Its shape is that of the evidence: channels and labels; it was one number in version 0.1.0.
        saved["trust"] = saved["trust"].reshape(saved["trust"].shape or (1, 1))
        network.trust = saved["trust"].to(network.trust)
        network.load_state_dict(saved, strict=False)
    except RuntimeError as error:
        raise ModelError(f"{path}: weights and manifest do not fit each other; train the model again") from error
    network.eval()


def _kept(inject: Inject, manifest: dict[str, Any]) -> Inject:
    """The arms without those that did not help."""
    left_out = {arm: None for arm in ("context", "embeddings") if not manifest.get(arm, True)}
    return inject.model_copy(update=left_out)


def _injector(
    path: Path, manifest: dict[str, Any], tuning: Tuning, base: Base, task: Task, tokeniser: Tokeniser
) -> Injector:
    """The arms as they were; evidence comes from its file, as it was learnt from the training texts."""
    injector = make_injector(tuning.inject.model_copy(update={"evidence": None}), base, task, tokeniser)
    if injector.context is not None:
        injector = replace(injector, context=injector.context.weighted(manifest.get("predicate_weights", {})))
    if tuning.inject.evidence is None or base.pack is None or base.linker is None:
        return injector
    facts = json.loads((path / "evidence.json").read_text(encoding="utf-8"))
    try:
        evidence = task.saved_evidence(facts, base.pack, base.linker)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: evidence.json is damaged; train the model again") from error
    return replace(injector, linker=base.linker, evidence=evidence)


def _renewed(path: Path, injector: Injector, tuning: Tuning, base: Base, task: Task) -> Injector:
    """The arms with labels grounded in the pack as it is now."""
    if tuning.inject.evidence is None or injector.evidence is None or base.pack is None or base.linker is None:
        return injector
    try:
        evidence = task.renewed_evidence(
            injector.evidence, tuning.inject.evidence, base.pack, base.linker, base.embedder
        )
    except KgslmError as error:
        raise ModelError(f"{path}: {error}") from error
    return replace(injector, evidence=evidence)


def _refreshed(tuning: Tuning, base: Base, manifest: dict[str, Any]) -> bool:
    """Whether the pack's vectors were made from those of the pack that the model was trained with."""
    arm = tuning.inject.embeddings
    if arm is None or base.pack is None or not manifest.get("vectors"):
        return False
    stored = stored_facts(base.pack, arm.vectors) or {}
    return bool(stored.get("refreshed_from") == manifest["pack"]["fingerprint"])


def _pack_facts(pack: KnowledgePack | None, path: Path) -> dict[str, str] | None:
    if pack is None:
        return None
    where = os.path.relpath(pack.path.absolute(), path.absolute())
    return {"name": pack.name, "version": pack.version, "fingerprint": pack.fingerprint, "path": where}


def _open_pack(
    path: Path, facts: dict[str, str] | None, given: KnowledgePack | Path | str | None, *, later: bool
) -> KnowledgePack | None:
    if facts is None:
        if later:
            raise ModelError(f"{path}: the model has no pack, so that there is nothing to upgrade")
        return None
    if given is None:
        place = path / facts["path"]
        if not place.is_dir():
            raise ModelError(
                f"{path}: its pack {facts['name']} {facts['version']} is not at {facts['path']}; name it with --pack"
            )
        given = place
    pack = given if isinstance(given, KnowledgePack) else KnowledgePack.open(given)
    if pack.fingerprint != facts["fingerprint"] and not later:
        raise ModelError(
            f"{path}: trained with the pack {facts['name']} {facts['version']} ({facts['fingerprint'][:12]}), "
            f"not with {pack.name} {pack.version} ({pack.fingerprint[:12]}); open it with its own pack, or see "
            "kgslm upgrade"
        )
    return pack


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
