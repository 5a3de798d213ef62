"""Tasks on numbers that other processes can import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from kgslm.errors import LinkError


class Double:
    """Doubles numbers. raises, dies: numbers that make it raise, or end its process."""

    def __init__(self, raises: Sequence[int] = (), dies: Sequence[int] = ()) -> None:
        self.raises = raises
        self.dies = dies

    def prepare(self) -> None:
        pass

    def run(self, items: Sequence[int]) -> list[str]:
        for item in items:
            if item in self.dies:
                os._exit(3)
            if item in self.raises:
                raise ValueError(f"no {item}\nplease")
        return [str(2 * item) for item in items]

    def fail(self, item: int, error: str) -> list[str]:
        return [f"{item}: {error}"]


class DiesOnce(Double):
    """Is killed at the number 5 the first time. mark: a file that remembers."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def run(self, items: Sequence[int]) -> list[str]:
        if 5 in items and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(items)


class Refuses(Double):
    """Cannot be prepared."""

    def prepare(self) -> None:
        raise LinkError("pack: it is gone")


class DiesAtOnce(Double):
    """Ends its process while it is prepared."""

    def prepare(self) -> None:
        os._exit(4)


class Waits(Double):
    """Does the number 0 only when the file ``mark`` is there, and makes it with the number 3."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def run(self, items: Sequence[int]) -> list[str]:
        while 0 in items and not self.mark.exists():
            time.sleep(0.01)
        if 3 in items:
            self.mark.touch()
        return super().run(items)
