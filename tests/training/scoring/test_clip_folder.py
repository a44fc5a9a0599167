"""A CLIP in a local folder: what is missing or of odd types is told in a sentence, and the network is never asked."""

import json
import socket
import tracemalloc

import pytest
import torch
from safetensors.torch import load_file, save_file

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.scoring.clip import load_clip
from tests.training.helpers import tiny_clip_folder


@pytest.fixture
def folder(tmp_path):
    return tiny_clip_folder(tmp_path / "tiny", ("tall", "fat"))


def changed(folder, place: str, value: object) -> None:
    """Write `value` into open_clip_config.json at a dotted place; "" replaces everything."""
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    inner, *names = config, *place.split(".")
    for name in names[:-1]:
        inner = inner[name]
    if place:
        inner[names[-1]] = value
    path.write_text(json.dumps(config if place else value))


def test_a_folder_without_weights_is_refused(folder):
    """open_clip would go on with random ones."""
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(SemantifyError, match=r"has no weights .*open_clip_model\.safetensors"):
        load_clip(f"local-dir:{folder}", "cpu")


ODD = [
    ("", [], "expected a JSON object"),
    ("", {"model": 1}, "model_cfg: missing"),
    ("model_cfg", [1], "model_cfg: expected an object"),
    ("model_cfg.vision_cfg", [], "vision_cfg: expected an object"),
    ("model_cfg.text_cfg", "x", "text_cfg: expected an object"),
    ("preprocess_cfg", [], "preprocess_cfg: expected an object"),
    ("model_cfg.embed_dim", "16", "embed_dim: expected a whole number"),
    ("model_cfg.embed_dim", -16, "embed_dim: expected a whole number from 1"),
    ("model_cfg.vision_cfg.width", 10**9, "width: expected a whole number from 1"),
    ("model_cfg.vision_cfg.layers", 0, "layers: expected a whole number from 1"),
    ("model_cfg.vision_cfg.layers", True, "layers: expected a whole number"),
    ("model_cfg.vision_cfg.image_size", [32, -1], "image_size: expected a whole number from 1"),
    ("model_cfg.vision_cfg.image_size", {}, "image_size: expected a whole number from 1"),
    ("model_cfg.text_cfg.width", 65_536, "numbers, but the weights file has"),
    ("model_cfg.text_cfg.heads", 3, "open_clip cannot load this model"),
    ("model_cfg.text_cfg.vocab_size", 10, "cannot"),
    ("model_cfg.vision_cfg.timm_model_name", "hf-hub:somebody/something", "is no name of a tower"),
    ("model_cfg.vision_cfg.timm_model_name", ["a"], "is no name of a tower"),
    ("model_cfg.vision_cfg.timm_model_name", "no_such_tower", "cannot load this model"),
    ("model_cfg.text_cfg.hf_model_name", "somebody/something", "needs another Python package|cannot load"),
    ("model_cfg.text_cfg.hf_tokenizer_name", "somebody/something", "needs another Python package|cannot load"),
    ("preprocess_cfg.mean", [float("nan"), 0, 0], "JSON|mean"),
    ("preprocess_cfg.mean", "grey", "preprocess_cfg.mean: expected three numbers"),
    ("preprocess_cfg.std", [0.0, 1.0, 1.0], "preprocess_cfg.std: expected three positive numbers"),
    ("preprocess_cfg.std", [0.5, 0.5], "preprocess_cfg.std: expected three positive numbers"),
    ("preprocess_cfg.std", {}, "preprocess_cfg.std: expected three positive numbers"),
    ("preprocess_cfg.interpolation", "cubistic", "cannot"),
    ("preprocess_cfg.resize_mode", 3, "resize_mode: expected text"),
]


@pytest.mark.parametrize(("place", "value", "message"), ODD, ids=[f"{p or 'all'}-{str(v)[:12]}" for p, v, _ in ODD])
def test_a_config_of_odd_types_is_a_sentence_and_asks_nobody(folder, place, value, message, monkeypatch):
    def refuse(*_, **__):
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    changed(folder, place, value)
    tracemalloc.start()
    with pytest.raises(SemantifyError, match=message) as error:
        load_clip(f"local-dir:{folder}", "cpu")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "\n" not in str(error.value)
    assert str(folder) in str(error.value)
    assert peak < 200e6


@pytest.mark.parametrize(
    "card",
    ["[]", "nonsense", '{"vocabulary": "tall"}', '{"vocabulary": [1]}', '{"vocabulary": {}}', '{"vocabulary": [" "]}'],
)
def test_a_card_of_odd_types_is_a_sentence(folder, card):
    (folder / "card.json").write_text(card)
    with pytest.raises(SemantifyError, match=r"card\.json"):
        load_clip(f"local-dir:{folder}", "cpu")


def test_weights_of_nothing_but_zeros_are_refused(folder):
    state = load_file(folder / "open_clip_model.safetensors")
    save_file({name: torch.zeros_like(value) for name, value in state.items()}, folder / "open_clip_model.safetensors")
    with pytest.raises(SemantifyError, match="are all zero; get this model again"):
        load_clip(f"local-dir:{folder}", "cpu")


def test_a_sound_folder_is_loaded_without_asking(folder, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("the network was asked"))
    assert load_clip(f"local-dir:{folder}", "cpu").vocabulary == ("tall", "fat")
