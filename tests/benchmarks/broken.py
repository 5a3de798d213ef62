"""What readers do with broken input: a clear error or a pack, never a traceback, a hang or much memory.

    python tests/benchmarks/broken.py [--times 2000] [--seconds 10] [--megabytes 2000] [KIND ...]

Each kind of source is read from its own example, mutated so many times, and from inputs made to exhaust the machine:
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

from kgslm.errors import KgslmError
from kgslm.packs import READERS, build_pack
from kgslm.packs.sources import source_class
from tests.mutations import mutations

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
    for kind in options.kinds or [kind for kind in READERS.names() if source_class(kind).example[0]]:
        name, text = source_class(kind).example
        inputs = [(name, content) for content in mutations(text.encode(), options.times)]
        with tempfile.TemporaryDirectory() as folder:
            for title, given in (("mutated", inputs), ("exhausting", list(exhausting(name, text.encode())))):
                counts, longest, peak, failed = watched(kind, given, Path(folder), options.seconds, kept)
                failed += peak > options.megabytes
                failures += failed
                told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
                print(f"{kind} {title}: {told}; longest {longest:.2f} s, peak {peak} MB", flush=True)
    print(f"{failures} failures" + (f", inputs in {kept}" if failures else ""))
    sys.exit(min(failures, 100))


def exhausting(name: str, text: bytes) -> Iterator[tuple[str, bytes]]:
    """File names and contents that would take much memory or time if they were read without care."""
    zeros = gzip.compress(bytes(1 << 24), 9)
    yield f"{name}.gz", gzip.compress(text) + zeros * (4 * _GIGABYTE >> 24)  # members one after the other
    with tempfile.TemporaryFile() as file:
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(name, "w", force_zip64=True) as member,
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
                place = kept / f"{kind}-{start}-{inputs[start][0]}"
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
        path.write_bytes(content)
        start = time.perf_counter()
        try:
            build_pack(None, folder / "pack", [f"{kind}={path}"])
            outcome = "pack"
        except KgslmError as error:
            outcome = "error" if str(error) and "\n" not in str(error) else f"unclear: {error!r}"
        except BaseException:
            outcome = f"traceback: {traceback.format_exc()}"
        path.unlink()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        send.send((outcome, time.perf_counter() - start, memory))


if __name__ == "__main__":
    main()
