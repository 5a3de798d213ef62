"""How fast packs build, open and answer, beside the libraries that read the same files.

    python tests/benchmarks/packs.py --data DIR [--concepts 1000000] [--json FILE]

DIR (default: the environment variable KGSLM_DATA) holds medical/hpo, medical/mesh, financial/stw and financial/fibo.
Every row is a process of its own, so that its peak memory is its own. Times leave out what importing the libraries
takes, memory does not. --concepts adds a generated pack of that many
concepts with four names and five relations each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import random
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

LIBRARIES = {
    "kgslm": ["kgslm.packs.build", "kgslm.packs.readers.rdf", "kgslm.packs.readers.obo", "pyoxigraph"],
    "rdflib": ["rdflib", "rdflib.plugins.parsers.notation3", "rdflib.plugins.parsers.rdfxml"],
    "pronto": ["pronto"],
    "fastobo": ["fastobo"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("KGSLM_DATA", "data")))
    parser.add_argument("--concepts", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, work in jobs(options.data, options.concepts, Path(folder)):
            row = {"what": name, **apart(work, LIBRARIES[name.split()[1]])}
            rows.append(row)
            show(row)
    for row in ratios(rows):
        rows.append(row)
        show(row)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def jobs(data: Path, concepts: int, folder: Path) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Name and work of every row; work on a file that is not there is left out."""
    hpo = data / "medical/hpo/hp.obo.gz"
    mesh = data / "medical/mesh/mesh_descriptors.tsv.gz"
    stw = data / "financial/stw/stw-skos.ttl.gz"
    fibo = data / "financial/fibo/fibo_rdf.tar.gz"
    if hpo.exists():
        yield "HPO: pronto parse", lambda: pronto_parse(hpo)
        yield "HPO: fastobo parse", lambda: fastobo_parse(hpo)
        yield "HPO: kgslm build", lambda: build([f"obo={hpo}"], folder / "hpo")
        yield "HPO: kgslm use", lambda: use(folder / "hpo")
    if stw.exists():
        yield "STW: rdflib parse", lambda: rdflib_parse(stw, "turtle")
        yield "STW: kgslm build", lambda: build([f"skos={stw}"], folder / "stw")
    if fibo.exists():
        yield "FIBO: rdflib parse", lambda: rdflib_parse(fibo, "xml")
        yield "FIBO: kgslm build", lambda: build([f"rdf={fibo}"], folder / "fibo")
    if mesh.exists():
        yield "MeSH: kgslm build", lambda: build_mesh(mesh, folder / "mesh")
        yield "MeSH: kgslm use", lambda: use(folder / "mesh")
    if concepts:
        yield f"{concepts:,}: kgslm build", lambda: build_generated(concepts, folder / "generated")
        yield f"{concepts:,}: kgslm use", lambda: use(folder / "generated")


def show(row: Row) -> None:
    print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def ratios(rows: list[Row]) -> list[Row]:
    """For each build whose file another library parsed in the same run: how much less time and memory it took."""
    found = []
    parsed = {row["what"].partition(":")[0]: row for row in rows if "rdflib" in row["what"] or "pronto" in row["what"]}
    for row in rows:
        name, _, work = row["what"].partition(": ")
        other = parsed.get(name)
        if work == "kgslm build" and other is not None:
            library = other["what"].split()[1]
            speed = round(other["cpu_s"] / row["cpu_s"], 1)
            memory = round(row["peak_mb"] / other["peak_mb"], 2)
            found.append({"what": f"{name}: CPU time of {library} / kgslm", "times": speed, "memory_share": memory})
    return found


def apart(work: Callable[[], Row], libraries: Sequence[str] = ()) -> Row:
    """Run work in a forked process; adds its wall and CPU seconds and its peak memory.

    libraries: modules to import before the clock starts.
    """
    receive, send = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        for module in libraries:
            importlib.import_module(module)
        wall, cpu = time.perf_counter(), time.process_time()
        row = work()
        row |= {"wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
        row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        send.send(row)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    return receive.recv() if receive.poll() else {"failed": process.exitcode}


def build(sources: list[str], output: Path) -> Row:
    from kgslm.packs import build_pack

    return build_pack(None, output, sources).counts


def build_mesh(path: Path, output: Path) -> Row:
    from kgslm.packs import build_pack
    from kgslm.packs.readers.table import Columns, CsvSource

    columns = Columns(id="mesh_id", name="name", synonyms="entry_terms", tree="tree_numbers_2015")
    return build_pack(None, output, [CsvSource(path=path, columns=columns, id_prefix="MESH:")]).counts


def build_generated(concepts: int, output: Path) -> Row:
    """A tree of ten children a node, four names a concept and four more relations a concept."""
    from kgslm.packs import Origin, PackBuilder, SourceConcept, SourceName, SourceRelation

    dice = random.Random(0)

    def items() -> Iterator[SourceConcept | SourceRelation]:
        for number in range(concepts):
            names = tuple(SourceName(f"synonym {kind} of thing {number}") for kind in ("first", "second", "third"))
            parents = (f"G:{(number - 1) // 10:08d}",) if number else ()
            yield SourceConcept(f"G:{number:08d}", f"thing {number}", names, "A thing among things.", parents=parents)
        for number in range(concepts):
            for _ in range(4):
                yield SourceRelation(f"G:{number:08d}", "touches", f"G:{dice.randrange(concepts):08d}")

    builder = PackBuilder("generated")
    builder.add(Origin("generated"), items())
    return builder.write(output).counts


def use(path: Path) -> Row:
    """Milliseconds to open, microseconds a lookup over random ids and names."""
    from kgslm.packs import KnowledgePack

    start = time.perf_counter()
    pack = KnowledgePack.open(path)
    row: Row = {"open_ms": round((time.perf_counter() - start) * 1e3, 1)}
    dice = random.Random(0)
    ids = [pack.ids[dice.randrange(len(pack.ids))] for _ in range(5000)]
    names = [pack.tables.name[dice.randrange(len(pack.ids))] for _ in range(5000)]
    for name, call, keys in (
        ("concept_us", pack.concept, ids),
        ("find_us", pack.find, names),
        ("ancestors_us", pack.ancestors, ids),
        ("neighbours_us", pack.neighbours, ids),
    ):
        call(keys[0])
        start = time.perf_counter()
        for key in keys:
            call(key)
        row[name] = round((time.perf_counter() - start) / len(keys) * 1e6, 1)
    return row


def pronto_parse(path: Path) -> Row:
    import warnings

    import pronto

    warnings.simplefilter("ignore")
    ontology: Any = pronto
    return {"terms": len(list(ontology.Ontology(str(path)).terms()))}


def fastobo_parse(path: Path) -> Row:
    import gzip

    import fastobo

    with gzip.open(path) as file:
        return {"frames": len(fastobo.load(file))}


def rdflib_parse(path: Path, syntax: str) -> Row:
    import gzip
    import logging

    import rdflib

    logging.disable()  # rdflib reports every date that it cannot read
    graph = rdflib.Graph()
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None and member.name.endswith(".rdf"):
                    graph.parse(data=content.read(), format=syntax)
    else:
        graph.parse(data=gzip.decompress(path.read_bytes()), format=syntax)
    return {"triples": len(graph)}


if __name__ == "__main__":
    main()
