"""What readers do with broken input: a clear error or a pack, never a traceback, a hang or much memory.

    python tests/benchmarks/broken.py [--times 2000] [--seconds 10] [--megabytes 2000] [KIND ...]

A small file of each format is mutated so many times, and read beside inputs made to exhaust the machine:
XML entities, gzip and zip files that unpack to gigabytes, lines without an end, deep nesting. Every failure is printed
with the place of the input that caused it; the exit status is their number.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pandas

from kgslm.errors import KgslmError
from kgslm.packs import READERS, build_pack
from kgslm.packs.sources import source_class
from tests.mutations import mutations
from tests.packs import rrf_rows, test_icd10cm, test_tbx

_GIGABYTE = 1 << 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--megabytes", type=int, default=2000)
    options = parser.parse_args()
    kept = Path(tempfile.mkdtemp(prefix="kgslm-broken-"))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, name, content in samples(Path(folder)):
            if options.kinds and kind not in options.kinds:
                continue
            inputs = [(name, broken) for broken in mutations(content, options.times)]
            for title, given in (("mutated", inputs), ("exhausting", list(exhausting(name, content)))):
                counts, longest, peak, failed = watched(kind, given, Path(folder), options.seconds, kept)
                failed += peak > options.megabytes
                failures += failed
                told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
                print(f"{kind} {name} {title}: {told}; longest {longest:.2f} s, peak {peak} MB", flush=True)
    print(f"{failures} failures" + (f", inputs in {kept}" if failures else ""))
    sys.exit(min(failures, 100))


def samples(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Kind, file name and content of a sound file of every format; what must lie beside it is written to ``folder``."""
    for kind in READERS.names():
        name, text = source_class(kind).example
        if name:
            yield kind, name, text.encode()
    for number, form in enumerate(test_tbx.FORMS.values()):
        yield "glossary", f"terms{number}.tbx", form.encode()
    yield "icd10cm", "tabular.xml", test_icd10cm.LIST.encode()
    for table in rrf_rows.TABLES:
        rrf_rows.write(folder / "META")
        yield "rrf", f"META/{table}.RRF", (folder / "META" / f"{table}.RRF").read_bytes()
    frame = pandas.DataFrame({"id": ["T:1", "T:2"], "name": ["Fever", "Cough"], "synonyms": [["Pyrexia"], []]})
    frame.to_parquet(folder / "t.parquet")
    yield "csv", "t.parquet", (folder / "t.parquet").read_bytes()
    frame.astype(str).to_excel(folder / "t.xlsx", index=False)
    yield "csv", "t.xlsx", (folder / "t.xlsx").read_bytes()


def exhausting(name: str, text: bytes) -> Iterator[tuple[str, bytes]]:
    """File names and contents that would take much memory or time if they were read without care."""
    zeros = gzip.compress(bytes(1 << 24), 9)
    yield f"{name}.gz", gzip.compress(text) + zeros * (4 * _GIGABYTE >> 24)  # members one after the other
    with tempfile.TemporaryFile() as file:
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(Path(name).name, "w", force_zip64=True) as member,
        ):
            member.write(text)
            for _ in range(4 * _GIGABYTE >> 24):
                member.write(bytes(1 << 24))
        file.seek(0)
        yield "bomb.zip", file.read()
    yield name, text + b"x" * (1 << 26)
    for sign in (b"[", b"{", b"(", b"<a>", b'{"a":'):
        yield name, sign * 1_000_000
        yield name, text + sign * 1_000_000
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    yield name, f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><x>&e12;</x>'.encode()
    yield name, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    if text.lstrip().startswith(b"<?xml"):
        head, _, rest = text.partition(b"?>")
        yield name, head + f'?><!DOCTYPE x [<!ENTITY e0 "ha">{levels}]>'.encode() + rest.replace(b"Fever", b"&e12;")
        yield name, head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest.replace(b"Fever", b"&e;")


def watched(
    kind: str, inputs: list[tuple[str, bytes]], folder: Path, seconds: float, kept: Path
) -> tuple[Counter[str], float, int, int]:
    """Outcomes, longest time, peak memory in MB, and the number of failures, whose inputs are kept."""
    counts: Counter[str] = Counter()
    longest, peak, failed, start = 0.0, 0, 0, 0
    context = multiprocessing.get_context("fork")
    while start < len(inputs):
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(kind, inputs[start:], folder, send))
        process.start()
        send.close()
        while start < len(inputs):
            try:
                outcome, took, memory = receive.recv() if receive.poll(seconds) else ("hung", seconds, 0)
            except EOFError:
                outcome, took, memory = "died", 0.0, 0
            counts[outcome.partition(":")[0]] += 1
            longest, peak = max(longest, took), max(peak, memory)
            if outcome not in ("pack", "error"):
                failed += 1
                place = kept / f"{kind}-{start}-{Path(inputs[start][0]).name}"
                place.write_bytes(inputs[start][1])
                print(f"{place}: {outcome}", flush=True)
            start += 1
            if outcome in ("hung", "died"):
                break
        process.kill()
        process.join()
    return counts, longest, peak, failed


def _work(kind: str, inputs: list[tuple[str, bytes]], folder: Path, send: Connection) -> None:
    for name, content in inputs:
        path = folder / name
        before = path.read_bytes() if path.exists() else None
        path.write_bytes(content)
        source = folder / Path(name).parts[0]  # a folder, where the file is one of several
        start = time.perf_counter()
        try:
            build_pack(None, folder / "pack", [f"{kind}={source}"])
            outcome = "pack"
        except KgslmError as error:
            outcome = "error" if str(error) and "\n" not in str(error) else f"unclear: {error!r}"
        except BaseException:
            outcome = f"traceback: {traceback.format_exc()}"
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        send.send((outcome, time.perf_counter() - start, memory))


if __name__ == "__main__":
    main()
