"""From a recipe to a pack on disk."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from kgslm.artifacts import atomic_folder, sha256_file
from kgslm.errors import ConfigError, PackError, unknown
from kgslm.packs.builder import PackBuilder
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item, SourceRelations
from kgslm.packs.manifest import KIND
from kgslm.packs.policies import Policies
from kgslm.packs.readers.memory import source_from_object
from kgslm.packs.recipe import PackRecipe, load_recipe, sources_from_text
from kgslm.packs.report import BuildReport
from kgslm.packs.sections import SourceFacts
from kgslm.packs.sources import SourceConfig

Progress = Callable[[int], None]
"""Called with the number of items read since the last call."""

_STEP = 2000


def build_pack(
    recipe: Path | str | PackRecipe | None = None,
    output: Path | str = Path("pack"),
    sources: Sequence[Any] = (),
    *,
    allow_download: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build a pack in folder ``output`` from a recipe (file, folder, archive or object), from sources, or from both.

    sources: ``kind=path`` or ``path`` texts, configurations, networkx graphs and pandas frames, added to those of the
    recipe. allow_download: fetch
    sources at a URL that are not in the cache. The pack appears whole or not at all; an older one is replaced.
    Raises KgslmError, one line that names the file and the line or key, for anything wrong with recipe or sources.
    """
    plan = _plan(recipe, Path(output), sources)
    keys = _keys(plan.sources)
    with ExitStack() as stack:
        # The output and all sources are looked at before the first is read: a wrong path is known at once.
        folder = stack.enter_context(atomic_folder(Path(output), KIND))
        opened = [stack.enter_context(source.files_and_findings(allow_download)) for source in plan.sources]
        wordings = {predicate: words.wording() for predicate, words in plan.wordings.items()}
        builder = PackBuilder(plan.name, plan.version, plan.description, plan.prefixes, plan.prefix_synonyms, wordings)
        for source, key, (files, findings) in zip(plan.sources, keys, opened, strict=True):
            policies = source.policies.over(plan.policies)
            origin = source.origin(key)._replace(policies=policies)
            facts = SourceFacts(source.kind, source.title, source.licence, _checksum(source, files), _root(source))
            shared = source.model_copy(update={"prefixes": {**plan.prefixes, **source.prefixes}})
            items = chain(findings, _licence(source, policies, _counted(shared.read_many(files), progress)))
            builder.add(origin, items, facts)
        for predicate in wordings:
            if predicate not in builder.predicates:
                raise ConfigError(f"wordings: {unknown('predicate', predicate, builder.predicates)}")
        return builder.write_into(folder, Path(output))


def _licence(source: SourceConfig, policies: Policies, items: Iterable[Item]) -> Iterable[Item]:
    """The items of a source, unless it states no licence and the policy leaves it out then."""
    if not source.needs_licence or source.licence:
        return items
    if policies.no_licence == "error":
        raise PackError(f"{source.title}: no licence is stated; add licence: to the source")
    finding = Finding("no licence", "no licence is stated; add licence: to the source", "note", source.title)
    return [finding] if policies.no_licence == "skip" else chain([finding], items)


def _root(source: SourceConfig) -> str:
    """The folder of the source on this machine, with a slash at the end."""
    place = source.place()
    return f"{place if place.is_dir() else place.parent}/"


def _plan(recipe: Path | str | PackRecipe | None, output: Path, sources: Sequence[Any]) -> PackRecipe:
    groups = (sources_from_text(it) if isinstance(it, str) else (source_from_object(it),) for it in sources)
    more = tuple(chain.from_iterable(groups))
    if recipe is None:
        if not more:
            raise ConfigError("nothing to build: give a recipe, a folder or --source kind=path")
        return PackRecipe(name=output.resolve().name, sources=more)
    plan = recipe if isinstance(recipe, PackRecipe) else load_recipe(Path(recipe))
    return plan.model_copy(update={"sources": (*plan.sources, *more)})


def _keys(sources: Iterable[SourceConfig]) -> list[str]:
    """A unique key for each source: its own, or the file's name without ending."""
    taken: Counter[str] = Counter()
    keys = []
    for source in sources:
        base = source.key or re.sub(r"[^\w-]+", "-", source.title.rpartition("/")[2].partition(".")[0]).strip("-")
        base = base or source.kind
        taken[base] += 1
        if source.key and taken[base] > 1:
            raise ConfigError(f"sources: the key {base!r} is used twice; each source needs its own")
        keys.append(base if taken[base] == 1 else f"{base}-{taken[base]}")
    return keys


def _checksum(source: SourceConfig, files: Sequence[SourceFile]) -> str:
    """SHA-256 of the one file or archive, or of the checksums of all files in order."""
    place = source.place()
    if place.is_file():
        found = sha256_file(place)
    else:
        found = hashlib.sha256("".join(file.sha256() for file in files).encode()).hexdigest()
    if source.sha256 and found != source.sha256.lower():
        raise PackError(f"{place}: the file has sha256 {found}, the recipe says {source.sha256.lower()}")
    return found


def _counted(items: Iterable[Item], progress: Progress | None) -> Iterable[Item]:
    return items if progress is None else _counting(items, progress)


def _counting(items: Iterable[Item], progress: Progress) -> Iterator[Item]:
    count = 0
    for item in items:
        count += len(item.ends) if isinstance(item, SourceRelations) else 1
        if count >= _STEP:
            progress(count)
            count = 0
        yield item
    progress(count)
