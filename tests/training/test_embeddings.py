import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.embeddings import Embeddings, embed_dataset, embeddings_path
from semantify_blender.training.scores import Scores, clean_words, encode_words, score_embeddings, score_words
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
    scores = score_words(tiny_clip, embeddings.values, [" tall ", "long  legs", "tall"])
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
