"""Loading backbones: encoders, causal decoders and encoder-decoders, from a package, a folder or the hub.

Nothing is fetched unless the user wrote out a hub id (``owner/name``). Code that a model brings along is never run.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgslm.artifacts import MANIFEST, atomic_folder, read_manifest, write_manifest
from kgslm.caching import cache_folder
from kgslm.errors import KgslmError, MissingExtra, ModelError
from kgslm.models.cache import cached_sha256
from kgslm.models.device import DeviceChoice, pick_device
from kgslm.models.resolve import Source, resolve_model

if TYPE_CHECKING:
    import torch

_CONVERTED = "converted model"
_CONVERTED_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backbone:
    """A pre-trained model in evaluation mode with its tokenizer.

    name: as the user gave it. location: the folder or hub id that it came from. hidden_size: the width of its token
    vectors. max_positions: the longest input in tokens, special tokens included. Weights are float32;
    ``compute.autocast()`` is the precision to compute in. fingerprint: of the weights, so that what was computed with
    them (vectors, indexes) can tell whether it fits.
    """

    name: str
    location: str
    model: torch.nn.Module
    tokenizer: Any
    hidden_size: int
    max_positions: int
    compute: DeviceChoice
    fingerprint: str

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.compute.device


def load_backbone(name: str, *, device: str | None = None, attention: str = "sdpa") -> Backbone:
    """Load an encoder without its head. device: as for ``pick_device``; None means auto.

    attention: ``sdpa`` (PyTorch's fused kernels) or ``eager`` where attention weights are wanted.
    Raises ModelError or MissingExtra, one line, where the model cannot be found or read.
    """
    return _load(name, "AutoModel", device, attention)


def load_decoder(name: str, *, device: str | None = None, attention: str = "sdpa") -> Backbone:
    """Load a causal language model, also from a GGUF file, which is dequantised once and then cached."""
    return _load(name, "AutoModelForCausalLM", device, attention)


def load_sequence_to_sequence(name: str, *, device: str | None = None, attention: str = "sdpa") -> Backbone:
    """Load an encoder-decoder with its language-model head, such as T5 or a MarianMT translator."""
    return _load(name, "AutoModelForSeq2SeqLM", device, attention)


def _load(name: str, kind: str, device: str | None, attention: str) -> Backbone:
    compute = pick_device(device or "auto")
    source = resolve_model(name)
    with _quiet(), _one_line(source):
        location = str(_converted(source)) if source.gguf else source.location
        model, tokenizer = _read(location, kind, attention, fetch=source.fetch)
        model.eval().to(compute.device)
    return Backbone(
        name=name,
        location=location,
        model=model,
        tokenizer=tokenizer,
        hidden_size=int(model.config.hidden_size),
        max_positions=_max_positions(model.config, tokenizer),
        compute=compute,
        fingerprint=_fingerprint(source, model),
    )


def _read(location: str, kind: str, attention: str, *, fetch: bool) -> tuple[Any, Any]:
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(location, local_files_only=not fetch)
    model = getattr(transformers, kind).from_pretrained(
        location, local_files_only=not fetch, attn_implementation=attention, dtype=torch.float32
    )
    return model, tokenizer


def _converted(source: Source) -> Path:
    """The folder of a GGUF file's weights as float32 safetensors, made at first use; about half a minute."""
    import transformers

    folder = cache_folder() / "converted" / source.sha256[:16]
    if (folder / MANIFEST).is_file():
        try:
            read_manifest(folder, _CONVERTED, _CONVERTED_FORMAT)
            return folder
        except KgslmError:
            pass  # cut short by something else: made again below
    try:
        import gguf  # noqa: F401
    except ImportError:
        raise MissingExtra("gguf", "models") from None
    path = Path(source.location)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    model = _dense(path)
    with atomic_folder(folder, _CONVERTED) as temporary:
        tokenizer.save_pretrained(temporary)
        model.save_pretrained(temporary)
        write_manifest(temporary, _CONVERTED, _CONVERTED_FORMAT, {"from": path.name, "sha256": source.sha256})
    return folder


def _dense(path: Path) -> Any:
    """The model of a GGUF file with plain float32 weights, which can be saved and trained."""
    import torch
    import transformers

    # Newer transformers would keep the quantised blocks unless told otherwise; older ones always unpack.
    chosen = getattr(transformers, "GgufConfig", None)
    unpack = {"quantization_config": chosen(dequantize=True)} if chosen else {}
    # The progress bar of this step knows no switch.
    with redirect_stderr(io.StringIO()):
        packed = transformers.AutoModelForCausalLM.from_pretrained(
            str(path.parent), gguf_file=path.name, dtype=torch.float32, **unpack
        )
    config = type(packed.config).from_dict(
        {key: value for key, value in packed.config.to_dict().items() if key != "quantization_config"}
    )
    dense = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    dense.load_state_dict(packed.state_dict())
    return dense


def weights_fingerprint(name: str) -> str:
    """The fingerprint that ``load_backbone`` would give, without loading; for a model of the hub, its id.

    Raises ModelError or MissingExtra where the model cannot be found.
    """
    source = resolve_model(name)
    return _checksum(source) or source.location


def _fingerprint(source: Source, model: Any) -> str:
    unknown = f"{source.location}@{getattr(model.config, '_commit_hash', None) or 'unknown'}"
    return _checksum(source) or unknown


def _checksum(source: Source) -> str:
    """Of the weights, where they are files; else empty."""
    if source.sha256:
        return source.sha256[:16]
    folder = Path(source.location)
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    return hashlib.sha256("".join(map(cached_sha256, weights)).encode()).hexdigest()[:16] if weights else ""


def _max_positions(config: Any, tokenizer: Any) -> int:
    """The smaller of what the model and its tokenizer say; relative position models (T5) leave it to the tokenizer."""
    positions = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    # RoBERTa counts its positions from pad_token_id + 1, so its table has two rows that no token uses.
    if positions and getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        positions -= 2
    stated = int(tokenizer.model_max_length)
    # A tokenizer that states nothing carries a huge number.
    known = [int(limit) for limit in (positions, stated) if limit and limit < 10**9]
    return min(known, default=512)


@contextmanager
def _one_line(source: Source) -> Iterator[None]:
    """Turn what the libraries raise for files or a network that fail into one ModelError line."""
    try:
        yield
    except KgslmError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if source.fetch:
            raise ModelError(
                f"{source.name}: cannot be loaded from the Hugging Face hub; check the name and the network, or give a "
                f"local folder ({reason[:200]})"
            ) from error
        raise ModelError(f"{source.location}: the model cannot be read ({reason[:200]})") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and notices of transformers off standard error while loading."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
