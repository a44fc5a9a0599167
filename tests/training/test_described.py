"""`sb.describe` with a CLIP: what the small ones make of phrases of their own words, and a full one."""

import json
from pathlib import Path

import numpy as np
import pytest

import semantify_blender as sb
from scripts.describe.measure import SETS, measure_by_clip
from semantify_blender.core.describe.by_clip import describe_by_clip, known_to, words_of
from semantify_blender.training.described import Texts
from semantify_blender.training.scoring.clip import load_clip
from tests.training.helpers import tiny_clip_folder


def test_phrases_of_the_small_clips_words_move_the_right_way() -> None:
    phrases = json.loads(SETS["phrases"].read_text(encoding="utf-8"))
    found = measure_by_clip([phrase for phrase in phrases if phrase["mapper"] == "anny-body-neutral"], "small")
    assert found.phrases >= 10
    assert found.right / found.asked > 0.85
    assert len(found.stray) <= 5


def test_a_small_clip_names_the_words_that_it_does_not_know() -> None:
    with pytest.raises(sb.SemantifyError, match="does not know 'burly', 'lumberjack': it knows only tall"):
        sb.describe(sb.load_mapper("anny-body-neutral"), "a burly lumberjack", clip="small")


def test_a_clip_of_all_words_gives_sound_numbers(tmp_path: Path) -> None:
    """Its weights are random: what comes of it means nothing."""
    folder = tiny_clip_folder(tmp_path / "tiny")
    mappers = {"": sb.load_mapper("anny-body-neutral"), "face": sb.load_mapper("anny-face-shape")}
    tower = Texts(load_clip(f"local-dir:{folder}"))
    known = known_to(tower, words_of(mappers))
    found = describe_by_clip(mappers, "a dapper gentleman", tower, known)
    own = describe_by_clip(mappers, "muscular", tower, known)
    assert set(found) == {"", "face"}
    for name, one in found.items():
        assert all(0.15 <= abs(value) <= 0.7 for value in one.sliders.values())
        assert all(0 <= i < len(mappers[name].descriptors) for i in one.sliders)
        assert np.isfinite(one.share or 0.0)
    # also of random weights a word's own text is that word
    assert own[""].sliders[2] == max(own[""].sliders.values()) > 0.3
