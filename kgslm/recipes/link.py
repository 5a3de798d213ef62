"""Link a file of documents of any length, and say how well where the documents carry the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from kgslm import __version__
from kgslm.bulk import LineOutput, batched, inline, line_output, on_ray, pooled
from kgslm.errors import KgslmError
from kgslm.evaluation.link_errors import gold_entities
from kgslm.evaluation.links import GoldScores, Score
from kgslm.linking import LINKERS, Linker, LinkerSpec
from kgslm.linking.languages import language
from kgslm.packs import KnowledgePack
from kgslm.recipes.link_task import Account, Failure, Item, Linked, LinkTask, link_record, read_items

__all__ = ["GoldScores", "LinkReport", "LinkRun", "Score", "gold_entities", "link_file", "link_record"]

_BATCH_DOCUMENTS = 1_000
_BATCH_CHARACTERS = 200_000


@dataclass(frozen=True)
class LinkReport:
    """What a run did. links: mentions with a concept; nil: given mentions without.

    failed: documents that could not be linked; failures: the first of them. resumed: documents that an interrupted
    run had linked before.
    """

    documents: int
    characters: int
    links: int
    nil: int
    concepts: int
    seconds: float
    failed: int = 0
    failures: tuple[Failure, ...] = ()
    resumed: int = 0
    gold: GoldScores | None = None

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return asdict(self)


def _ignore(_: Any) -> None:
    """For what nobody wants to be told."""


@dataclass(frozen=True)
class LinkRun:
    """How a file is linked; the output is the same byte for byte.

    workers: processes; 1 is this one alone. engine: ``ray`` for Ray Data with ``workers`` actors.
    resume: go on with what an interrupted run has left, if it was about the same pack, linker and documents; True:
    or raise KgslmError; False: start anew. progress: called with the number of documents done since the last call.
    failed: called with each document that could not be linked. say: called with notes. seen: called with the lines
    of the output, one or more at a time.
    """

    workers: int = 1
    engine: Literal["local", "ray"] = "local"
    resume: bool | None = None
    progress: Callable[[int], object] = _ignore
    failed: Callable[[Failure], object] = _ignore
    say: Callable[[str], None] = _ignore
    seen: Callable[[str], object] = _ignore


def link_file(
    pack: KnowledgePack,
    documents: Path | str,
    output: Path | str,
    *,
    linker: Linker | LinkerSpec | str = "dictionary",
    given: bool = False,
    gold: bool = False,
    run: LinkRun | None = None,
) -> LinkReport:
    """Link every document and write it with its ``links``; other fields are carried through.

    linker: one that is loaded, or what to load, or its name.
    given: link the document's own ``mentions`` (or, with ``gold``, its ``entities``) and find no others.
    gold: compare with the ``entities`` of each document; ids are read through the pack's alternative and replaced
    ids, and of several ids in one entity (``A|B``, ``A+B``) one must be found.
    A document whose linking fails is written without links and with ``error``; the others go on.
    Raises DataError with file and line for a bad document.
    """
    start = time.perf_counter()
    run = run or LinkRun()
    if run.workers < 1:
        raise KgslmError(f"workers: at least 1 is needed, not {run.workers}")
    if isinstance(linker, str):
        linker = LinkerSpec(linker)
    if isinstance(linker, LinkerSpec):
        language(linker.language)  # says what there is
        if linker.name not in LINKERS.names():
            LINKERS.load(linker.name)
    task = LinkTask(pack, linker, given, gold)
    account = task.account()
    items: Iterator[Item] = map(task.check, read_items(documents))
    with line_output(output, _job(task, linker), resume=run.resume, say=run.say) as lines:
        items = _recall(task, items, lines, account, run)
        resumed = account.documents
        with closing(_results(task, items, run)) as results:
            for linked in results:
                lines.write(linked.text)
                _take(linked, account, run)
    return LinkReport(
        documents=account.documents,
        characters=account.characters,
        links=account.links,
        nil=account.nil,
        concepts=len(account.concepts),
        seconds=time.perf_counter() - start,
        failed=account.failed,
        failures=tuple(account.failures),
        resumed=resumed,
        gold=account.gold.scores() if account.gold else None,
    )


def _job(task: LinkTask, linker: Linker | LinkerSpec) -> dict[str, Any] | None:
    """What the lines depend on besides the documents; None where that cannot be said."""
    if not isinstance(linker, LinkerSpec):
        return None
    mentions = ("entities" if task.gold else "given") if task.given else "find"
    return {"kgslm": __version__, "mentions": mentions, **linker.identity(task.pack)}


def _recall(task: LinkTask, items: Iterator[Item], lines: LineOutput, account: Account, run: LinkRun) -> Iterator[Item]:
    """Count what an interrupted run has linked as long as the documents are the same; returns those that are left."""
    for line in lines.kept():
        item = next(items, None)
        linked = task.recall(item, line) if item else None
        if linked is None:
            where = item.where if item else "the end"
            note = f"{where}: the documents are no longer those of the interrupted run from here on"
            if run.resume:
                raise KgslmError(f"{note}; give the same ones, or leave out --resume to link these again")
            run.say(f"{note}; linking these again")
            return chain([item], items) if item else items
        _take(linked, account, run)
    return items


def _take(linked: Linked, account: Account, run: LinkRun) -> None:
    account.merge(linked.account)
    for failure in linked.account.failures:
        run.failed(failure)
    run.seen(linked.text)
    run.progress(linked.account.documents)


def _results(task: LinkTask, items: Iterator[Item], run: LinkRun) -> Any:
    """A generator of ``Linked``, in order."""
    batches = batched(
        items, lambda item: len(item.record["text"]), most_items=_BATCH_DOCUMENTS, most_size=_BATCH_CHARACTERS
    )
    if run.engine == "ray":
        return on_ray(task, batches, run.workers)
    if run.workers == 1:
        return inline(task, batches)
    return pooled(task, batches, run.workers)
