import io
import shutil
from dataclasses import replace

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from semantify_blender.core.clip_names import SMALL_NAMES
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import DATA
from semantify_blender.training.scoring import clip_sources
from semantify_blender.training.scoring.clip import caution, file_name, load_clip
from semantify_blender.training.scoring.images import batched_images
from semantify_blender.training.scoring.worker import embed, image_size
from tests.training.helpers import picture, tiny_clip_folder


def pictures(count, seed=0):
    rng = np.random.default_rng(seed)
    return [picture(rng) for _ in range(count)]


def test_images_are_encoded_as_open_clip_does_in_order_whatever_the_batch(tiny_clip, tiny_folder):
    images = pictures(9)
    _, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{tiny_folder}")
    stacked = torch.stack([preprocess(Image.open(io.BytesIO(image))) for image in images])
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(tiny_clip.model.encode_image(stacked), dim=-1).numpy()
    for batch in (1, 4, 64):
        got = replace(tiny_clip, wanted_batch=batch).encode_images(images)
        assert got.dtype == np.float16
        np.testing.assert_allclose(got.astype(np.float32), expected, atol=2e-3)
    assert not np.allclose(expected[0], expected[1], atol=1e-2)


def test_texts_are_normalised_and_distinct(tiny_clip):
    texts = tiny_clip.encode_texts(["tall", "fat", "tall"])
    np.testing.assert_allclose(np.linalg.norm(texts, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(texts[0], texts[2])
    assert not np.allclose(texts[0], texts[1], atol=1e-3)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("ViT-B/32", "ViT-B-32"),
        ("vit-b-32", "ViT-B-32"),
        ("ViT-L/14@336px", "ViT-L-14-336"),
        ("ViT-B/32-quickgelu", "ViT-B-32-quickgelu"),
        ("rn50x4", "RN50x4"),
    ],
)
def test_names_are_found_however_they_are_written(given, name):
    with pytest.raises(SemantifyError, match=f"CLIP model '{name}' has no weights 'x'"):
        load_clip(f"{given}:x")


def test_cuda_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SemantifyError, match="torch finds no CUDA device here"):
        load_clip("small", "cuda")


def test_a_torch_that_executes_weights_files_is_refused(monkeypatch):
    monkeypatch.setattr(torch, "__version__", "2.5.1+cpu")
    with pytest.raises(SemantifyError, match=r"torch 2\.5\.1\+cpu may execute.*torch>=2\.6"):
        load_clip("small", "cpu")


def test_checksum_follows_the_weights_and_not_the_folder(tmp_path, tiny_clip):
    same = load_clip(f"local-dir:{tiny_clip_folder(tmp_path / 'same', seed=0)}", "cpu")
    other = load_clip(f"local-dir:{tiny_clip_folder(tmp_path / 'other', seed=1)}", "cpu")
    assert same.checksum == tiny_clip.checksum
    assert other.checksum != tiny_clip.checksum
    assert str(tmp_path) not in other.name


def test_decoding_reads_only_a_few_batches_ahead(tiny_clip):
    read = []

    def endless():
        for image in pictures(400):
            read.append(1)
            yield image

    batches = batched_images(endless(), tiny_clip.loader, 8, threads=2)
    next(batches)
    assert len(read) < 200
    batches.close()


def test_bytes_that_are_no_image_are_refused_in_a_sentence(tiny_clip):
    with pytest.raises(SemantifyError, match="image cannot be read"):
        tiny_clip.encode_images([*pictures(2), b"not a picture"])


def test_a_stated_vocabulary_refuses_other_words(tmp_path):
    clip = load_clip(f"local-dir:{tiny_clip_folder(tmp_path / 'words', ('tall', 'fat'))}", "cpu")
    clip.check_words(["Tall", "fat"])
    with pytest.raises(SemantifyError, match=r"'happy'.*'sad'.*tall, fat.*--clip ViT-B-32:openai"):
        clip.check_words(["tall", "happy", "sad"])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nonsense", "unknown CLIP model 'nonsense'"),
        ("ViT-B-32", "has no weights ''.*openai"),
        ("ViT-B-32:no-such-tag", "local weights file or one of these tags.*openai"),
        ("local-dir:/no/such/folder", "open_clip_config.json"),
    ],
)
def test_models_that_do_not_exist_are_refused_in_a_sentence(spec, message):
    with pytest.raises(SemantifyError, match=message):
        load_clip(spec)


def test_weights_that_cannot_be_had_name_both_ways_out(monkeypatch):
    def no_network(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(clip_sources, "why_unreachable", lambda config: None)
    monkeypatch.setattr(open_clip, "create_model_and_transforms", no_network)
    said = r"no route to host.*open_clip_model.safetensors of timm.*with network.*--clip ViT-B-32:FILE.*cache"
    with pytest.raises(SemantifyError, match=said):
        load_clip("ViT-B-32:openai")


def test_openai_weights_get_the_activation_they_were_trained_with(monkeypatch):
    asked = {}

    def remember(name, **options):
        asked.update(options)
        raise OSError("stop here")

    monkeypatch.setattr(clip_sources, "why_unreachable", lambda config: None)
    monkeypatch.setattr(open_clip, "create_model_and_transforms", remember)
    with pytest.raises(SemantifyError):
        load_clip("ViT-B-32:openai")
    assert asked["force_quick_gelu"]
    asked.clear()
    with pytest.raises(SemantifyError):
        load_clip("ViT-B-32:laion2b_s34b_b79k")
    assert "force_quick_gelu" not in asked


def test_a_file_that_is_no_weights_file_is_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(SemantifyError, match="is not a weights file of CLIP model 'RN50'"):
        load_clip(f"RN50:{path}")


def test_a_full_size_model_loads_from_a_local_file(tmp_path):
    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None)
    path = tmp_path / "mine.safetensors"
    save_file({name: value.half() for name, value in model.state_dict().items()}, path)
    del model
    clip = load_clip(f"ViT-B-32:{path}", "cpu")
    assert clip.vocabulary is None
    assert clip.name.startswith("ViT-B-32:mine-")
    assert clip.encode_images(pictures(2)).shape == (2, 512)
    assert clip.encode_texts(["any word at all"]).shape == (1, 512)


def test_names_become_file_names():
    assert file_name("ViT-B-32:openai") == "ViT-B-32_openai"
    assert "/" not in file_name("local-dir:/a/b")


@pytest.mark.parametrize(("subject", "known"), [("body", "muscular"), ("face", "surprised"), ("animal", "horse")])
def test_the_embedded_clips_encode_and_refuse_unknown_words(subject, known):
    clip = load_clip("small", "cpu", subject)
    assert clip.name == SMALL_NAMES[subject]
    assert known in clip.vocabulary
    assert clip.encode_images(pictures(3)).shape[0] == 3
    with pytest.raises(SemantifyError, match=f"'{clip.name}' does not know 'hippopotamus'"):
        clip.check_words(["hippopotamus"])


def test_a_small_clip_can_be_named():
    assert load_clip("small-face", "cpu").checksum == load_clip("small", "cpu", "face").checksum


def test_a_small_clip_of_the_users_own_comes_first(tmp_path, monkeypatch):
    """So that a new one can be tried before it is shipped, as with models, mappers and encoders."""
    own = tmp_path / "clip" / "small"
    shutil.copytree(DATA / "clip" / "small-animal", own)
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    assert load_clip("small", "cpu").checksum == load_clip("small-animal", "cpu").checksum
    assert "surprised" in load_clip("small-face", "cpu").vocabulary
    shutil.rmtree(own)
    assert "muscular" in load_clip("small", "cpu").vocabulary


def test_a_small_clip_says_when_it_never_saw_such_a_model():
    assert "'smpl'" in caution("small", "smpl")
    assert caution("small-face", "anny-face-shape") is None
    assert caution("ViT-B-32:openai", "smpl") is None


def test_the_text_tower_is_asked_for_its_dimension_once(tiny_clip, monkeypatch):
    clip, asked = replace(tiny_clip), []
    real = clip.model.encode_text
    monkeypatch.setattr(clip.model, "encode_text", lambda tokens: asked.append(1) or real(tokens))
    size = image_size(clip)
    for _ in range(3):
        embedded = embed(clip, np.zeros((2, *size, 3), np.uint8))
        assert embedded.shape == (2, clip.dimension)
    assert len(asked) == 1
