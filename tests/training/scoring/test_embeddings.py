import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.training.scoring.embeddings import Embeddings, embed_dataset, embeddings_path
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
    embed_dataset(dataset, tiny_clip)
    path = embeddings_path(dataset, tiny_clip)
    kept = Embeddings.load(path)
    if change == "weights":
        Embeddings(kept.values * 0, kept.clip, "another checksum", kept.dataset).save(path)
    elif change == "pictures":
        Embeddings(kept.values * 0, kept.clip, kept.clip_checksum, "another dataset").save(path)
    else:
        path.write_bytes(path.read_bytes()[:100])
    found, reused = embed_dataset(dataset, tiny_clip)
    assert not reused
    np.testing.assert_allclose(found.values, kept.values, atol=2e-3)


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
        lambda values: values[:20],
        lambda values: values[:, :1],
        lambda values: values[..., :8],
        lambda values: values * 0,
        lambda values: values * 2,
    ],
    ids=["reversed", "too few", "one view", "too short", "zeros", "twice as long"],
)
def test_embeddings_that_do_not_fit_are_made_anew(dataset, tiny_clip, change, own_checksum):
    wanted, _ = embed_dataset(dataset, tiny_clip)
    path = embeddings_path(dataset, tiny_clip)
    if own_checksum:
        Embeddings(change(wanted.values), wanted.clip, wanted.clip_checksum, wanted.dataset).save(path)
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
