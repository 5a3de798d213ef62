"""The one place that decides where a model runs and in which precision it computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kgslm.errors import ModelError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """Where to compute.

    dtype: the precision of matrix products; bfloat16 on a GPU that has it, float32 elsewhere. Weights that are
    trained stay float32; ``autocast()`` lowers the products alone.
    inference_dtype: the precision for vectors that are only compared (search, linking); bfloat16 also on a CPU with
    instructions for it, where it is about three times as fast and moves the cosine of a sentence vector by 1e-4.
    """

    device: torch.device
    dtype: torch.dtype
    inference_dtype: torch.dtype

    def within(self, precision: str) -> DeviceChoice:
        """The same device. precision: ``auto`` for what suits it, or ``float32`` or ``bfloat16``."""
        import torch

        if precision == "auto":
            return self
        return replace(self, dtype=torch.bfloat16 if precision == "bfloat16" else torch.float32)

    def autocast(self) -> AbstractContextManager[Any]:
        """A context in which the model computes in ``dtype``; nothing changes for float32."""
        import torch

        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)


def pick_device(name: str = "auto") -> DeviceChoice:
    """Choose a device. name: ``auto`` (CUDA, then Apple's MPS, then CPU), ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.

    Raises ModelError where the named device is not there.
    """
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (index and not index.isdigit()):
        raise ModelError(f"device {name!r}: unknown; choose auto, cpu, cuda, cuda:N or mps")
    if kind == "cuda" and not int(index or 0) < torch.cuda.device_count():
        raise ModelError(
            f"device {name!r}: not there, {torch.cuda.device_count()} CUDA devices are seen; use cpu or auto"
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ModelError(f"device {name!r}: not there; use cpu or auto")
    if kind == "cuda" and torch.cuda.is_bf16_supported():
        return DeviceChoice(torch.device(name), torch.bfloat16, torch.bfloat16)
    fast = kind == "cpu" and _cpu_multiplies_bfloat16()
    return DeviceChoice(torch.device(name), torch.float32, torch.bfloat16 if fast else torch.float32)


_SMALL_PRODUCT = 1 << 28


def few_threads(products: int, device: torch.device) -> AbstractContextManager[None]:
    """One thread for steps whose largest matrix product takes few multiplications, where the device is a CPU.

    Several threads would wait for each other longer than they work: on a busy machine one makes small steps ten times
    as fast, and on an idle one hardly slower.
    """
    return one_thread(device) if products < _SMALL_PRODUCT else nullcontext()


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Compute on one thread where it is a CPU: the last bits of a sum depend on how many share it."""
    import torch

    threads = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it; PyTorch emulates them elsewhere, which is slower than float32."""
    import torch

    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(check() for check in checks if check is not None)
