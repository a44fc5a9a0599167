"""Weights files of a CLIP: their form, the activation they were trained with, and hostile or broken ones."""

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.clip_weights import activation_of, is_torchscript, openai_form
from tests.training.scoring.test_clip import pictures

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture
def names(monkeypatch):
    """A tiny architecture that open_clip knows with either activation."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "Tiny", TINY)
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "Tiny-quickgelu", {**TINY, "quick_gelu": True})


def weights(seed: int = 0) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = open_clip.CLIP(**TINY)
    # large enough for the two activations to differ by more than rounding
    return {
        name: (value * (2 if "c_fc" in name else 20 if "c_proj" in name else 1)).contiguous()
        for name, value in model.state_dict().items()
    }


def as_published(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Matrices in half precision, tables and norms in single, as OpenAI's files have it."""
    single = ("token_embedding", "positional_embedding", "class_embedding", "ln_", "logit_scale")
    return {
        name: value if any(part in name for part in single) else value.half().float() for name, value in state.items()
    }


def embedded(spec: str) -> np.ndarray:
    return load_clip(spec, "cpu").encode_images(pictures(2)).astype(np.float32)


def test_openais_tensors_are_known_by_their_form_and_get_quickgelu(names, tmp_path):
    save_file(as_published(weights()), tmp_path / "mine.safetensors")
    torch.save({"state_dict": as_published(weights())}, tmp_path / "mine.pt")
    quick = embedded(f"Tiny-quickgelu:{tmp_path / 'mine.safetensors'}")
    for name in ("mine.safetensors", "mine.pt"):
        clip = load_clip(f"Tiny:{tmp_path / name}", "cpu")
        assert clip.name.startswith("Tiny-quickgelu:mine-")
        assert "trained with QuickGELU, so Tiny-quickgelu is used" in clip.remark
        np.testing.assert_array_equal(clip.encode_images(pictures(2)), quick)
    save_file(weights(), tmp_path / "plain.safetensors")
    plain = load_clip(f"Tiny:{tmp_path / 'plain.safetensors'}", "cpu")
    assert plain.name.startswith("Tiny:plain-")
    assert "give Tiny-quickgelu:FILE" in plain.remark
    asked = load_clip(f"Tiny-quickgelu:{tmp_path / 'plain.safetensors'}", "cpu")
    assert asked.remark is None
    assert np.abs(plain.encode_images(pictures(2)) - asked.encode_images(pictures(2))).max() > 2e-3
    assert asked.checksum != plain.checksum  # the same weights, but not the same model


def test_a_state_dict_that_kept_the_archives_entries_is_openais(names, tmp_path):
    own = {"input_resolution": torch.tensor(32), "context_length": torch.tensor(77), "vocab_size": torch.tensor(49408)}
    torch.save({**weights(), **own}, tmp_path / "dumped.pt")
    assert openai_form(tmp_path / "dumped.pt")
    assert load_clip(f"Tiny:{tmp_path / 'dumped.pt'}", "cpu").name.startswith("Tiny-quickgelu:dumped-")


def test_the_archive_that_openai_publishes_is_read_with_quickgelu(names, tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.CLIP(**TINY, quick_gelu=True).eval()
    model.load_state_dict(weights())
    torch.jit.script(model).save(str(tmp_path / "archive.pt"))
    save_file(weights(), tmp_path / "plain.safetensors")
    clip = load_clip(f"Tiny:{tmp_path / 'archive.pt'}", "cpu")
    same = load_clip(f"Tiny-quickgelu:{tmp_path / 'plain.safetensors'}", "cpu")
    assert clip.checksum == same.checksum
    assert clip.name.startswith("Tiny-quickgelu:archive-")
    with pytest.raises(SemantifyError, match="is not a weights file of CLIP model 'RN50'"):
        load_clip(f"RN50:{tmp_path / 'archive.pt'}", "cpu")  # named as another architecture


@pytest.mark.parametrize(
    ("file", "quick", "said"),
    [
        ("ViT-B-32-openai.safetensors", True, "QuickGELU"),
        ("models--timm--vit_base_patch32_clip_224.openai/snapshots/1/open_clip_model.safetensors", True, "QuickGELU"),
        ("vit_b_32-laion2b_s34b_b79k.bin", False, None),
        ("ViT-B-32 laion400m_e31.pt", True, "QuickGELU"),
        ("ViT-B-32-metaclip-400m.pt", True, "QuickGELU"),
    ],
)
def test_the_name_of_a_file_tells_its_activation(file, quick, said):
    found = activation_of("ViT-B-32", Path(file))
    assert found.quick is quick
    assert (said in found.remark) if said else found.remark is None


def test_weights_named_for_gelu_under_a_quickgelu_model_are_doubted():
    found = activation_of("ViT-B-32-quickgelu", Path("laion2b_e16.pt"))
    assert found.quick
    assert "give ViT-B-32:FILE" in found.remark


class Payload:
    """What a hostile pickle holds: it makes a folder when it is executed."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("disguised", [False, True])
def test_nothing_in_a_weights_file_is_executed(names, tmp_path, disguised):
    """Also not in one that has TorchScript's member, but not where TorchScript has it, or no archive behind it."""
    path, marker = tmp_path / "weights.pt", tmp_path / "executed"
    torch.save(Payload(marker), path)
    if disguised:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("elsewhere/constants.pkl", b"")
        assert not is_torchscript(path)
    with pytest.raises(SemantifyError, match="is not a weights file of CLIP model 'Tiny'"):
        load_clip(f"Tiny:{path}", "cpu")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("weights/constants.pkl", pickle.dumps(Payload(marker)))
    with pytest.raises(SemantifyError, match="is not a weights file of CLIP model 'Tiny'"):
        load_clip(f"Tiny:{path}", "cpu")
    path.write_bytes(pickle.dumps(Payload(marker)))
    with pytest.raises(SemantifyError, match="is not a weights file"):
        load_clip(f"Tiny:{path}", "cpu")
    assert not marker.exists()


def test_torchscript_is_known_by_its_own_member(tmp_path):
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "script.pt"))
    torch.save({"a": torch.zeros(1)}, tmp_path / "state.pt")
    (tmp_path / "nothing.pt").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "empty.pt", "w"):
        pass
    found = {path.stem: is_torchscript(path) for path in tmp_path.iterdir()}
    assert found == {"script": True, "state": False, "nothing": False, "empty": False}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("visual.proj", float("nan"), r"weights 'visual.proj' are not all finite"),
        ("ln_final.weight", float("inf"), r"weights 'ln_final.weight' are not all finite"),
        ("visual.conv1.weight", 0.0, r"weights 'visual.conv1.weight' are all zero"),
        ("ln_final.weight", 0.0, r"embeds (a word as nothing finite|every word alike)"),
    ],
)
def test_weights_that_cannot_score_are_refused(names, tmp_path, name, value, message):
    state = weights()
    state[name] = torch.full_like(state[name], value)
    if name == "ln_final.weight":
        state["ln_final.bias"] = torch.zeros_like(state["ln_final.bias"])
    save_file(state, tmp_path / "broken.safetensors")
    with pytest.raises(SemantifyError, match=message):
        load_clip(f"Tiny:{tmp_path / 'broken.safetensors'}", "cpu")


def test_weights_that_lack_a_tensor_are_refused(names, tmp_path):
    state = weights()
    del state["visual.proj"]
    save_file(state, tmp_path / "part.safetensors")
    with pytest.raises(SemantifyError, match="is not a weights file of CLIP model 'Tiny'"):
        load_clip(f"Tiny:{tmp_path / 'part.safetensors'}", "cpu")
