"""The command line: thin sub-commands over ``kgslm.recipes``.

Exit status: 0 when done; 1 when done but for documents that could not be linked, which the output names; 2 for bad
usage or bad input, with one line on standard error and no traceback (``kgslm --debug ...`` shows it); 130 when
interrupted, 143 when terminated, with nothing half-written left behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer

from kgslm.cli import ask, cache, demo, embed, learn, pack, text, versions
from kgslm.errors import KgslmError

# typer carries its own copy of click since 0.26; its public BadParameter leads to the base class of either.
ClickException: Any = typer.BadParameter.mro()[2]

app = typer.Typer(
    name="kgslm",
    help="Small language models that know your domain.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (*versions.COMMANDS, *embed.COMMANDS):
    pack.app.command()(command)
app.add_typer(pack.app, name="pack")
app.add_typer(cache.app, name="cache")
for room in (text, learn, ask, demo):
    for command in room.COMMANDS:
        app.command()(command)


def _version(show: bool) -> None:
    if show:
        from kgslm import __version__

        typer.echo(f"kgslm {__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Small language models that know your domain."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # The contract allows --debug anywhere on the line.
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        # Text is UTF-8 whatever the locale says; a pipe on Windows would have another encoding.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
    try:
        with _leaving_on_sigterm():
            status = typer.main.get_command(app).main(args=arguments, prog_name="kgslm", standalone_mode=False)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has had enough; nothing more can be written to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except (KgslmError, ClickException, OSError) as error:
        if debug:
            raise
        if message := _message(error):
            sys.stderr.write(f"error: {' '.join(message.split())}\n")
        raise SystemExit(2) from None
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted\n")
        raise SystemExit(130) from None
    raise SystemExit(status if isinstance(status, int) else 0)


@contextmanager
def _leaving_on_sigterm() -> Iterator[None]:
    """End by an exception where SIGTERM comes, so that open files and folders are cleaned up."""
    if threading.current_thread() is not threading.main_thread():  # others may not set handlers
        yield
        return

    def leave(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _message(error: Any) -> str:
    """What to tell; empty for a command without arguments, which has printed its help."""
    if isinstance(error, KgslmError):
        return str(error)
    if isinstance(error, OSError):
        # A disk that is full, a folder that may not be written to: nothing that a traceback would help with.
        place = error.filename2 or error.filename
        return f"{f'{place}: ' if place else ''}{error.strerror or error}"
    return str(error.format_message())
