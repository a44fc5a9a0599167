"""Embeddings of a dataset, kept shard by shard, and the scores of words that come of them."""

import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.training.scoring.embeddings import ShardEmbeddings, embed_dataset, embeddings_path
from semantify_blender.training.scoring.scores import Scores, clean_words, encode_words, score_embeddings, score_words
from tests.training.helpers import drawn_dataset


@pytest.fixture
def dataset(tmp_path, model):
    return drawn_dataset(tmp_path / "dataset", model)


def test_embeddings_are_made_once_and_read_afterwards(dataset, tiny_clip, monkeypatch):
    first, reused = embed_dataset(dataset, tiny_clip)
    assert not reused
    assert first.values.shape == (24, 2, 16)
    images = [image for _, _, image in dataset.images()]
    direct = tiny_clip.encode_images(images[6:8])
    np.testing.assert_allclose(first.values[3], direct, atol=2e-3)
    again, reused = embed_dataset(dataset, tiny_clip)
    assert reused
    np.testing.assert_array_equal(first.values, again.values)


@pytest.mark.parametrize("change", ["weights", "pictures", "damage"])
def test_embeddings_are_made_again_when_anything_changed(dataset, tiny_clip, change):
    wanted, _ = embed_dataset(dataset, tiny_clip)
    path = embeddings_path(dataset, tiny_clip, 1)
    kept = ShardEmbeddings.load(path)
    if change == "weights":
        replace(kept, values=kept.values[::-1], clip_checksum="another checksum").save(path)
    elif change == "pictures":
        replace(kept, values=kept.values[::-1], samples=kept.samples[::-1]).save(path)
    else:
        path.write_bytes(path.read_bytes()[:100])
    found, reused = embed_dataset(dataset, tiny_clip)
    assert not reused
    np.testing.assert_array_equal(found.values, wanted.values)


def encoded_times(clip):
    """The CLIP, and a list that has the number of pictures of each batch that it encodes from now on."""
    counts = []

    def encode_image(pixels):
        counts.append(len(pixels))
        return clip.model.encode_image(pixels)

    model = type("Counting", (), {"encode_image": staticmethod(encode_image), "encode_text": clip.model.encode_text})
    return replace(clip, model=model), counts


def test_a_shard_has_a_file_and_only_what_is_missing_is_encoded(dataset, tiny_clip):
    wanted, _ = embed_dataset(dataset, tiny_clip)
    paths = [embeddings_path(dataset, tiny_clip, shard) for shard in range(3)]
    assert sorted(paths[0].parent.iterdir()) == paths
    before = [path.read_bytes() for path in paths]
    paths[1].unlink()
    clip, counts = encoded_times(tiny_clip)
    found, reused = embed_dataset(dataset, clip)
    assert not reused
    # two pictures of each end of what is there, and the pictures of one shard
    assert sum(counts) == 4 + 20
    np.testing.assert_array_equal(found.values, wanted.values)
    assert [path.read_bytes() for path in paths] == before


def test_a_grown_dataset_has_its_new_shards_encoded_and_a_part_takes_what_is_there(tmp_path, model, tiny_clip):
    small = drawn_dataset(tmp_path / "grown", model, samples=14)
    embed_dataset(small, tiny_clip)
    drawn_dataset(tmp_path / "whole", model, samples=24)
    for path in (tmp_path / "whole").glob("*.*"):
        # as the renderer extends it: the first shard is the same, the second has more, the third is new
        if path.name != "shard-000000.tar":
            (tmp_path / "grown" / path.name).write_bytes(path.read_bytes())
    clip, counts = encoded_times(tiny_clip)
    grown, _ = embed_dataset(Dataset.open(tmp_path / "grown"), clip)
    assert sum(counts) == 2 + 20 + 8
    whole, _ = embed_dataset(Dataset.open(tmp_path / "whole"), tiny_clip)
    np.testing.assert_array_equal(grown.values, whole.values)
    assert grown.dataset == whole.dataset
    clip, counts = encoded_times(tiny_clip)
    part, reused = embed_dataset(Dataset.open(tmp_path / "grown", 13), clip)
    assert reused
    assert sum(counts) == 4
    np.testing.assert_array_equal(part.values, whole.values[:13])
    assert part.dataset not in (grown.dataset, "")


def test_several_devices_give_the_same_bytes_as_one(tmp_path, model, tiny_clip):
    for name, devices in (("one", ()), ("three", ("cpu", "cpu", "cpu"))):
        embed_dataset(drawn_dataset(tmp_path / name, model, samples=45), tiny_clip, devices=devices)
    one, three = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "embeddings").glob("*/*")}
        for name in ("one", "three")
    )
    assert len(one) == 5
    assert one == three


def test_devices_that_are_not_there_are_one_sentence(dataset, tiny_clip):
    for device, message in (
        ("cuda:3", "--device cuda:3: torch finds"),
        ("metal", "'metal' cannot encode"),
        ("tpu", "device 'tpu': give one of cpu, gpu"),
    ):
        if device == "cuda:3" and torch.cuda.device_count() > 3:
            continue
        with pytest.raises(SemantifyError, match=message):
            embed_dataset(dataset, tiny_clip, devices=("cpu", device))


def test_a_failure_on_one_device_ends_all_and_leaves_no_claim(dataset, tiny_clip):
    clip, counts = encoded_times(tiny_clip)
    real = clip.model.encode_image

    def failing(pixels):
        if len(counts) >= 2:
            raise SemantifyError("the card fell off")
        return real(pixels)

    clip.model.encode_image = staticmethod(failing)
    with pytest.raises(SemantifyError, match="the card fell off"):
        embed_dataset(dataset, clip, devices=("cpu", "cpu"))
    folder = embeddings_path(dataset, clip, 0).parent
    assert not list(folder.glob(".*"))
    assert not embed_dataset(dataset, tiny_clip)[1]


KILLED = """
import os, signal, sys
from pathlib import Path
from semantify_blender.core.dataset import Dataset
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.embeddings import embed_dataset
def progress(done, total, rate):
    if done >= 30:
        os.kill(os.getpid(), signal.SIGKILL)
embed_dataset(Dataset.open(sys.argv[1]), load_clip(sys.argv[2], "cpu", batch=5), progress)
"""


def test_a_killed_encode_loses_the_shard_that_it_was_at(dataset, tiny_clip, tiny_folder):
    words = [sys.executable, "-c", KILLED, str(dataset.folder), f"local-dir:{tiny_folder}"]
    ended = subprocess.run(words, check=False, capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    kept = embeddings_path(dataset, tiny_clip, 0).parent
    assert [path.name for path in sorted(kept.glob("*.npz"))] == ["000000.npz"]
    assert list(kept.glob(".*")), "it held a claim"
    clip, counts = encoded_times(replace(tiny_clip, wanted_batch=5))
    embed_dataset(dataset, clip)
    assert sum(counts) == 2 + 28
    assert sorted(path.name for path in kept.iterdir()) == ["000000.npz", "000001.npz", "000002.npz"]


def test_scores_are_a_hundred_cosines_averaged_over_views():
    images = np.array([[[1, 0], [0, 1]], [[1, 0], [1, 0]]], np.float16)
    text = np.array([[1, 0], [0.6, 0.8]], np.float32)
    np.testing.assert_allclose(score_embeddings(images, text), [[50, 70], [100, 60]], atol=1e-4)


def test_several_templates_are_averaged_and_normalised(tiny_clip):
    single = [encode_words(tiny_clip, ["tall"], [t])[0] for t in ("{}", "a {} person")]
    both = encode_words(tiny_clip, ["tall"], ["{}", "a {} person"])[0]
    mean = np.mean(single, 0)
    np.testing.assert_allclose(both, mean / np.linalg.norm(mean), atol=1e-5)
    with pytest.raises(SemantifyError, match=r"no \{\}"):
        encode_words(tiny_clip, ["tall"], ["a person"])


def test_scores_survive_the_disk_and_name_missing_words(tmp_path, dataset, tiny_clip):
    embeddings, _ = embed_dataset(dataset, tiny_clip)
    scores = score_words(tiny_clip, embeddings, [" tall ", "long  legs", "tall"])
    assert scores.words == ("tall", "long legs")
    scores.save(tmp_path / "scores.npz")
    back = Scores.load(tmp_path / "scores.npz")
    np.testing.assert_array_equal(back.values, scores.values)
    assert (back.words, back.clip, back.templates) == (scores.words, scores.clip, scores.templates)
    np.testing.assert_array_equal(back.of(["long legs"])[:, 0], scores.values[:, 1])
    with pytest.raises(SemantifyError, match="'fat'"):
        back.of(["fat"])


def test_no_words_are_refused():
    with pytest.raises(SemantifyError, match="no words"):
        clean_words(["", "  "])


def tampered(path, **changes):
    """Write an NPZ again with some arrays changed and all else as it was, as other programs would."""
    with np.load(path) as held:
        arrays = dict(held)
    np.savez(path, **arrays | {name: change(arrays[name]) for name, change in changes.items()})


@pytest.mark.parametrize("own_checksum", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda values: values[::-1],
        lambda values: values[:8],
        lambda values: values[:, :1],
        lambda values: values[..., :8],
        lambda values: values * 0,
        lambda values: values * 2,
    ],
    ids=["reversed", "too few", "one view", "too short", "zeros", "twice as long"],
)
def test_embeddings_that_do_not_fit_are_made_anew(dataset, tiny_clip, change, own_checksum):
    wanted, _ = embed_dataset(dataset, tiny_clip)
    path = embeddings_path(dataset, tiny_clip, 0)
    kept = ShardEmbeddings.load(path)
    if own_checksum:
        values = change(kept.values)
        replace(kept, values=values, samples=kept.samples[: len(values)]).save(path)
    else:
        tampered(path, embeddings=change)
    found, reused = embed_dataset(dataset, tiny_clip)
    assert not reused
    np.testing.assert_array_equal(found.values, wanted.values)
    assert embed_dataset(dataset, tiny_clip)[1]


def test_pictures_zeroed_within_a_shard_are_noticed(dataset, tiny_clip):
    embed_dataset(dataset, tiny_clip)
    path = dataset.spec.shard_path(dataset.folder, 1)
    data = bytearray(path.read_bytes())
    at = data.index(b"\x89PNG", len(data) // 2)
    data[at : at + 100] = bytes(100)
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: sample 1\d: does not match its checksum"):
        embed_dataset(Dataset.open(dataset.folder), tiny_clip)


def test_a_picture_that_cannot_be_decoded_is_named(dataset, tiny_clip):
    rows = [(i, xi, dict(images)) for i, xi, images in dataset.spec.read_shard(dataset.folder, 1)]
    rows[3][2]["side"] = b"no picture"
    dataset.spec.write_shard(dataset.folder, 1, rows)
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: sample 13, view side: an image cannot be read"):
        embed_dataset(Dataset.open(dataset.folder), tiny_clip)


def test_scores_whose_rows_were_moved_are_refused(tmp_path, dataset, tiny_clip):
    path = tmp_path / "scores.npz"
    score_words(tiny_clip, embed_dataset(dataset, tiny_clip)[0], ["tall", "fat"]).save(path)
    tampered(path, scores=lambda values: values[::-1])
    with pytest.raises(FileFormatError, match=r"scores\.npz: scores: do not match their checksum"):
        Scores.load(path)
