"""Encoder and fitter are chosen by checksums: names of files and of CLIPs say nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.fitting.choose import Shelf, choose, full_may_serve
from semantify_blender.core.fitting.fit import SCORES, UNHEARD, WHOLE
from semantify_blender.core.library import load_mapper, load_model
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.core.fitting.test_fitting import WORDS, cut, encoder, fitter
from tests.face_model import seen_face
from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

OTHER = {"clip": "ViT-B-32:weights-11111111", "clip_checksum": "1" * 64, "templates": ["a {} body", "{}"]}


class Full:
    """A whole CLIP that remembers which prompts it was asked for."""

    name, size, checksum, clip_checksum = "ViT-B-32:mine", 32, "1" * 64, "1" * 64

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        return encoder().embed(pixels)

    def text_embeddings(self, words: object, templates: object = ("{}",)) -> np.ndarray:
        self.asked.append(tuple(templates))
        rng = np.random.default_rng(len(self.asked[-1][0]))
        found = rng.standard_normal((len(words), 8)).astype(np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def model() -> MorphableModel:
    return synthetic_model()


@pytest.fixture
def place(tmp_path: Path, model: MorphableModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files under names that have nothing to do with what is in them."""
    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    encoder().save(tmp_path / "encoders" / "what.encoder.npz")
    fitter(model).save(tmp_path / "fitters" / "ever.fitter.npz")
    return tmp_path


def test_files_and_models_may_be_called_anything(place: Path, model: MorphableModel) -> None:
    renamed = replace(model, name="renamed")
    mapper = synthetic_mapper(model, WORDS, provenance=TRAINED)
    for own in ([place], [place / "encoders", place / "fitters"]):
        tools = choose(mapper, renamed, Shelf(own))
        assert tools.encoder.checksum == encoder().checksum
        assert tools.fitter is not None
        assert tools.fit([cut()]).method == WHOLE
    # one that was trained for another model of the same name is none
    (place / "fitters" / "ever.fitter.npz").unlink()
    replace(fitter(model), model_checksum="0" * 64).save(place / "fitters" / f"{model.name}.fitter.npz")
    tools = choose(mapper, model, Shelf([place]))
    assert tools.fitter is None
    assert tools.fit([cut()]).method == SCORES


def test_a_mapper_of_another_clip_needs_a_fitter_or_that_clip(place: Path, model: MorphableModel) -> None:
    mapper = synthetic_mapper(model, WORDS, provenance=OTHER)
    assert choose(mapper, model, Shelf([place])).fit([cut()]).method == WHOLE
    refused = r"trained with CLIP 'ViT-B-32:weights-11111111' \(weights 11111111…\), whose scores .* cannot give"
    with pytest.raises(SemantifyError, match=refused + ".*: find it$"):
        choose(mapper, model, Shelf([place]), scores=True, advice="find it")
    unnamed = replace(mapper, provenance={"clip": "small"})
    with pytest.raises(SemantifyError, match="a CLIP that its file does not name"):
        choose(unnamed, model, Shelf([place]), scores=True)


def test_a_whole_clip_is_known_by_its_weights(place: Path, model: MorphableModel) -> None:
    mapper = synthetic_mapper(model, WORDS, provenance=OTHER)
    for only in (True, False):
        tools = choose(mapper, model, Shelf([place]), Full(), only)
        assert isinstance(tools.encoder, Full)
        assert tools.fitter is None
    small = synthetic_mapper(model, WORDS, provenance=TRAINED)
    assert choose(small, model, Shelf([place]), Full()).encoder.name == "body"
    replace(fitter(model), encoder_checksum=Full.checksum).save(place / "fitters" / "full.fitter.npz")
    assert choose(small, model, Shelf([place]), Full()).fitter.encoder_checksum == Full.checksum


def test_the_advice_is_small_only_where_small_serves(place: Path, model: MorphableModel) -> None:
    small = synthetic_mapper(model, WORDS, provenance=TRAINED)
    with pytest.raises(SemantifyError, match=r"scores 'ViT-B-32:mine' cannot give.*reads it: give --clip small$"):
        choose(small, model, Shelf([place]), Full(), only_full=True)
    third = replace(small, provenance={"clip": "ViT-L-14:openai", "clip_checksum": "2" * 64})
    (place / "fitters" / "ever.fitter.npz").unlink()
    with pytest.raises(SemantifyError, match=r"reads it: give that one$"):
        choose(third, model, Shelf([place]), Full(), only_full=True, advice="give that one")


def test_a_whole_clip_is_started_only_when_it_may_serve(place: Path, model: MorphableModel) -> None:
    assert not full_may_serve(synthetic_mapper(model, WORDS, provenance=TRAINED), model, Shelf([place]))
    assert full_may_serve(synthetic_mapper(model, WORDS, provenance=OTHER), model, Shelf([place]))
    replace(fitter(model), encoder_checksum=Full.checksum).save(place / "fitters" / "full.fitter.npz")
    assert full_may_serve(synthetic_mapper(model, WORDS, provenance=TRAINED), model, Shelf([place]))


def test_a_damaged_file_is_left_out_and_told(place: Path, model: MorphableModel) -> None:
    (place / "fitters" / "a.fitter.npz").write_bytes(b"PK\x03\x04 no more")
    tools = choose(synthetic_mapper(model, WORDS, provenance=TRAINED), model, Shelf([place]))
    assert tools.fitter is not None
    assert len(tools.notes) == 1
    assert "a.fitter.npz" in tools.notes[0]


def test_prompts_that_the_mapper_was_trained_with_are_asked_for(place: Path, model: MorphableModel) -> None:
    mapper = synthetic_mapper(model, WORDS, provenance=OTHER)
    full = Full()
    with_prompts = choose(mapper, model, Shelf([place]), full).fit([cut()])
    assert set(full.asked) == {("a {} body", "{}")}
    bare = choose(replace(mapper, provenance=OTHER | {"templates": ["{}"]}), model, Shelf([place]), full)
    assert np.abs(bare.fit([cut()]).coefficients - with_prompts.coefficients).max() > 1e-3
    # and where a fitter turns locked sliders into conditions
    replace(fitter(model), encoder_checksum=Full.checksum).save(place / "fitters" / "full.fitter.npz")
    full.asked.clear()
    locked = np.array([True, False, False])
    choose(mapper, model, Shelf([place]), full).fit([cut()], locked=locked, sliders=np.array([0.5, 0, 0]))
    assert full.asked == [("a {} body", "{}")]


def test_prompts_that_the_embedded_encoder_does_not_know(place: Path, model: MorphableModel) -> None:
    mapper = synthetic_mapper(model, WORDS, provenance=TRAINED | {"templates": ["a {} body"]})
    with pytest.raises(SemantifyError, match=r"not in the prompts 'a \{\} body'.*train the mapper without --template"):
        choose(mapper, model, Shelf([place]), scores=True)
    tools = choose(mapper, model, Shelf([place]))
    locked = np.array([True, False, False])
    fit = tools.fit([cut()], locked=locked, sliders=np.array([0.5, 0, 0], np.float32))
    assert fit.sliders[0] == 0.5
    assert any(note.startswith(UNHEARD) for note in fit.notes)
    assert not any(note.startswith(UNHEARD) for note in tools.fit([cut()]).notes)


def test_the_points_of_a_face_say_nothing_where_the_papers_way_was_asked_for():
    head, words = load_model("anny-face-shape"), load_mapper("anny-face-shape")
    rng = np.random.default_rng(0)
    plain = replace(cut(), pixels=rng.integers(0, 255, (128, 128, 3)).astype(np.uint8), mask=None)
    seen = replace(plain, face=seen_face(head, 2.0 * np.eye(head.component_count)[0]))
    for scores in (True, False):
        tools = choose(words, head, Shelf(), scores=scores)
        moved = np.abs(tools.fit([seen]).coefficients - tools.fit([plain]).coefficients).max()
        assert (moved == 0) == scores
