"""Rows of Excel workbooks (.xlsx), streamed; guarded against archives that unpack to far more than they weigh."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import IO, Any

from kgslm.errors import KgslmError, MissingExtra, PackError
from kgslm.packs.items import Finding, place
from kgslm.packs.readers.cells import cell_of
from kgslm.packs.readers.rows import Row
from kgslm.packs.readers.sheet import BATCH

MAGIC = b"PK\x03\x04"

_ROWS = 1 << 20  # that Excel allows in a sheet
_PART = 1 << 24  # bytes of an XML part that is read whole, and between two rows or two shared texts
_STRINGS = 1 << 27  # bytes of the texts that all sheets share, which are held in memory
_SHEET = 1 << 32
_RATIO = 200  # unpacked to packed; sheets of real data have 10 to 50
_BLOCK = 1 << 20
_STREAMED = re.compile(r"sharedstrings|worksheets?/|sheet\d*\.xml$", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)>|<(?:\w+:)?row\b[^<>]*/>")
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
_ADVICE = "save the sheet as CSV or Parquet"


def excel_rows(file: str, raw: IO[bytes], sheet: str | int) -> Iterator[Row | Finding]:
    """The rows that are not empty, with their numbers as Excel shows them, and a finding for each failed formula.

    sheet: its name, or its number from 0. Raises PackError where the workbook is broken or has no such sheet.
    """
    with _readable(file):
        _check_archive(file, raw)
        values = _sheet(file, raw, sheet).iter_rows(values_only=True)
    line = 0
    while True:
        with _readable(file):
            part = list(islice(values, BATCH))
        if not part:
            return
        for row in part:
            line += 1
            if line > _ROWS:
                raise PackError(f"{file}: the sheet has more than {_ROWS:,} rows, which is no workbook of Excel's")
            cells = [_cell(file, line, value) for value in row]
            for code in _ERRORS.intersection(cells):
                message = f"a formula failed with {code}; its cell is taken as empty"
                yield Finding("failed formula", message, "note", file, line)
                cells = ["" if cell == code else cell for cell in cells]
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                yield line, cells


def _cell(file: str, line: int, value: Any) -> str:
    try:
        return value if type(value) is str else str(cell_of(value))
    except ValueError as error:
        raise PackError(f"{place(file, line)}: a cell holds {error}") from error


@contextmanager
def _readable(file: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which do not matter here
            yield
    except KgslmError:
        raise
    except Exception as error:  # openpyxl checks little: what is broken ends in errors of any kind
        cause = error.__cause__ or error
        reason = " ".join(str(cause).split())[:200] or type(cause).__name__
        raise PackError(f"{file}: not a readable Excel workbook ({reason}); save it again as .xlsx") from error


def _sheet(file: str, raw: IO[bytes], sheet: str | int) -> Any:
    try:
        openpyxl: Any = import_module("openpyxl")
    except ImportError:
        raise MissingExtra("openpyxl", "tables") from None
    book = openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)
    sheets = {found.title: found for found in book.worksheets}
    names = list(sheets)
    if isinstance(sheet, int) and sheet < len(names):
        sheet = names[sheet]
    if sheet not in sheets:
        raise PackError(f"{file}: no sheet {sheet!r}; it has {', '.join(map(repr, names)) or 'none'}")
    # What a workbook says of its size is often wrong.
    sheets[sheet].reset_dimensions()
    return sheets[sheet]


def _check_archive(file: str, raw: IO[bytes]) -> None:
    """Raise PackError where a part is so large, or so long without a row, that it could fill the memory."""
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            limit = _PART
            if _STREAMED.search(info.filename):
                limit = _STRINGS if "shared" in info.filename.lower() else _SHEET
            if info.file_size > limit:
                raise PackError(f"{file}: {info.filename} unpacks to {info.file_size:,} bytes; {_ADVICE}")
            if info.file_size <= _PART:
                continue
            if info.file_size > _RATIO * info.compress_size:
                raise PackError(
                    f"{file}: {info.filename} unpacks to {info.file_size:,} bytes of next to nothing; {_ADVICE}"
                )
            _check_part(file, archive, info)
    raw.seek(0)


def _check_part(file: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    gap = 0
    with archive.open(info) as part:
        while block := part.read(_BLOCK):
            gap = 0 if _ENDS.search(block) else gap + len(block)
            if gap > _PART:
                raise PackError(f"{file}: {info.filename} has a row of more than {_PART:,} bytes; {_ADVICE}")
