"""Weights files against the name that is given with them: architecture, preparation of pictures, tokenizer."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import open_clip
import pytest
import torch
from safetensors.torch import save_file

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.scoring import clip_tokenizer
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.clip_preprocess import preparation_of
from tests.training.scoring.test_clip import pictures

TEXT = {"context_length": 77, "vocab_size": 300, "width": 32, "heads": 2, "layers": 1}
TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
    "text_cfg": {**TEXT, "vocab_size": 49408},
}
WIDE = {**TINY, "vision_cfg": {**TINY["vision_cfg"], "width": 128}}
FINE = {**TINY, "vision_cfg": {**TINY["vision_cfg"], "image_size": 64}}
SIGLIP = {
    "embed_dim": 192,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": {
        "image_size": 224, "timm_model_name": "vit_tiny_patch16_224", "timm_pool": "avg", "timm_proj": "none",
        "timm_model_pretrained": False,
    },
    "text_cfg": {
        **TEXT, "context_length": 8, "width": 192, "hf_tokenizer_name": "somebody/tiny", "no_causal_mask": True,
        "proj_bias": True, "pool_type": "last", "tokenizer_kwargs": {"clean": "canonicalize"},
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def names(monkeypatch):
    for name, config in {"Tiny": TINY, "Wide": WIDE, "Fine": FINE, "TinySigLIP": SIGLIP}.items():
        monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, name, config)


@pytest.fixture
def file(tmp_path):
    """Weights of a model, random, in a file."""

    def make(name: str, kind: str = ".safetensors") -> Path:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = open_clip.create_model(name, pretrained=None)
        state = {
            one: (value + 0.01 * torch.randn_like(value)).contiguous() for one, value in model.state_dict().items()
        }
        path = tmp_path / f"mine{kind}"
        save_file(state, path) if kind == ".safetensors" else torch.save({"state_dict": state}, path)
        return path

    return make


def by_length(texts):
    """Tokens that differ with the length of a text."""
    return torch.tensor([[len(text) + i for i in range(8)] for text in texts])


@pytest.fixture
def transformers(monkeypatch):
    """A stand-in for the package: it notes where a tokenizer is looked for, and has none in its cache."""
    asked = []

    class AutoTokenizer:
        @classmethod
        def from_pretrained(cls, source, **options):
            asked.append((str(source), options["trust_remote_code"]))
            if not Path(source).is_dir():
                raise OSError("not cached")
            return cls()

        def __call__(self, texts, **_):
            return SimpleNamespace(input_ids=by_length(texts))

    module = ModuleType("transformers")
    module.AutoTokenizer = AutoTokenizer
    module.__spec__ = __import__("importlib.machinery", fromlist=["ModuleSpec"]).ModuleSpec("transformers", None)
    monkeypatch.setitem(sys.modules, "transformers", module)
    return asked


@pytest.mark.parametrize("kind", [".safetensors", ".pt"])
def test_weights_of_another_architecture_say_whose_they_are(file, kind):
    with pytest.raises(SemantifyError, match=r"CLIP model 'Tiny': it holds Wide; give --clip Wide:FILE") as error:
        load_clip(f"Tiny:{file('Wide', kind)}", "cpu")
    assert "\n" not in str(error.value)


def test_a_finer_grid_of_places_is_not_stretched_where_a_model_has_it(file):
    with pytest.raises(SemantifyError, match="it holds Fine"):
        load_clip(f"Tiny:{file('Fine')}", "cpu")


def test_places_that_no_model_has_are_stretched_and_told(file, monkeypatch):
    path = file("Fine")
    monkeypatch.delitem(open_clip.factory._MODEL_CONFIGS, "Fine")
    clip = load_clip(f"Tiny:{path}", "cpu")
    assert "visual.positional_embedding has 65 × 64 numbers, stretched to the 17 × 64 of Tiny" in clip.remark


def test_weights_of_no_known_architecture_name_the_tensor(file, monkeypatch):
    path = file("Wide")
    monkeypatch.delitem(open_clip.factory._MODEL_CONFIGS, "Wide")
    with pytest.raises(SemantifyError, match=r"visual\.\w+ is .*128.* there and .*64.* in Tiny; name its own model"):
        load_clip(f"Tiny:{path}", "cpu")


def test_weights_named_by_the_transformers_library_are_told(tmp_path):
    save_file({"vision_model.post_layernorm.weight": torch.ones(3)}, tmp_path / "model.safetensors")
    with pytest.raises(SemantifyError, match=r"transformers library names them; get open_clip_model\.safetensors"):
        load_clip(f"Tiny:{tmp_path / 'model.safetensors'}", "cpu")


@pytest.mark.parametrize(
    ("name", "file", "mean", "mode"),
    [
        ("ViT-B-16-SigLIP", "mine.safetensors", (0.5,) * 3, "squash"),
        ("ViT-B-16-SigLIP2-256", "mine.safetensors", (0.5,) * 3, "squash"),
        ("MobileCLIP-S1", "mobileclip_s1.pt", (0.0,) * 3, "shortest"),
        ("ViT-H-14-CLIPA", "mine.bin", (0.485, 0.456, 0.406), "squash"),
        ("ViT-L-14", "vit-l-14-laion2b_s32b_b82k.bin", (0.5,) * 3, "shortest"),
        ("ViT-B-32", "mine.pt", open_clip.OPENAI_DATASET_MEAN, "shortest"),
    ],
)
def test_pictures_are_prepared_as_the_weights_were_trained(name, file, mean, mode):
    found = preparation_of(name, Path(file))
    assert found.remark is None
    assert (found.options["image_mean"], found.options["image_resize_mode"]) == (mean, mode)


def test_weights_whose_preparation_is_not_sure_say_so():
    found = preparation_of("ViT-L-14", Path("mine.bin"))
    assert found.options["image_mean"] == open_clip.OPENAI_DATASET_MEAN
    assert "laion2b_s32b_b82k" in found.remark
    assert preparation_of("Tiny", Path("mine.bin")).options == {}


def test_a_siglip_from_a_file_has_its_own_preparation_and_tokenizer(file, transformers, tmp_path, monkeypatch):
    monkeypatch.setattr(
        open_clip, "list_pretrained_tags_by_model", lambda name: ["webli"] if name == "TinySigLIP" else []
    )
    config = {"mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bicubic", "resize_mode": "squash"}
    monkeypatch.setattr(open_clip, "get_pretrained_cfg", lambda *_: config)
    (tmp_path / "tokenizer.json").write_text("{}")
    clip = load_clip(f"TinySigLIP:{file('TinySigLIP')}", "cpu")
    assert clip.loader.mean == clip.loader.deviation == (0.5,) * 3
    assert clip.encode_images(pictures(2)).shape == (2, 192)
    assert clip.encode_texts(["tall", "short one"]).shape == (2, 192)


def test_the_tokenizer_beside_the_weights_is_taken_and_runs_nothing(transformers, tmp_path, monkeypatch):
    monkeypatch.setattr(clip_tokenizer, "why_unreachable", lambda config: pytest.fail("the network was asked"))
    (tmp_path / "tokenizer.json").write_text("{}")
    found = clip_tokenizer.tokenizer_of("TinySigLIP", tmp_path / "mine.safetensors")
    assert found.context_length == 8
    assert found.clean_fn("A Tall_person!") == "a tall person"
    assert transformers == [(str(tmp_path), False)]


def test_a_tokenizer_that_is_nowhere_says_what_to_get(transformers, tmp_path, monkeypatch):
    monkeypatch.setattr(clip_tokenizer, "why_unreachable", lambda config: "no route to host")
    said = r"no route to host.*tokenizer\.json and tokenizer_config\.json of somebody/tiny.*beside mine\.safetensors"
    with pytest.raises(SemantifyError, match=said):
        clip_tokenizer.tokenizer_of("TinySigLIP", tmp_path / "mine.safetensors")


def test_a_real_tokenizer_is_read_from_the_folder(tmp_path, monkeypatch):
    pytest.importorskip("transformers", reason="the extra [siglip] is not installed")
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokens = Tokenizer(models.WordLevel({"<unk>": 0, "<pad>": 1, "tall": 2, "short": 3}, unk_token="<unk>"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokens.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "unk_token": "<unk>"}'
    )
    found = clip_tokenizer.tokenizer_of("TinySigLIP", tmp_path / "mine.safetensors")
    assert found(["short", "Tall!"]).tolist() == [[3, *[1] * 7], [2, *[1] * 7]]
