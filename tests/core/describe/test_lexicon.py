"""The lexicon that is shipped, and that one that is none is refused."""

import json
import tomllib
from pathlib import Path

import pytest

from scripts.build_describe_lexicon import SOURCE, grouped, meanings, parts_of
from semantify_blender.core.describe.grammar import understand
from semantify_blender.core.describe.lexicon import NO_SHAPE, SHIPPED, Lexicon, shipped_lexicon
from semantify_blender.core.describe.sliders import FEELINGS
from semantify_blender.core.descriptors import BODY_EXTRA, FACE_SHAPE_EXTRA, MEASURED_ATTRIBUTE, VOCABULARIES
from semantify_blender.core.errors import FileFormatError

MEASURED = {attribute for table in MEASURED_ATTRIBUTE.values() for attribute, _ in table.values()}
BESIDE = {"tiger", "wolf", "no shape"} | {
    *("arm length", "arm girth", "calf girth", "foot length", "hand size", "neck width", "nose width", "mouth width"),
    *("lip size", "brow size", "cheek depth", "chest to hip", "thigh ratio"),
}
"""Attributes that people speak of and no slider was measured by."""


def test_there_are_more_than_800_words() -> None:
    lexicon = shipped_lexicon()
    assert len(lexicon.words) >= 800
    value = json.loads(SHIPPED.read_text(encoding="utf-8"))
    by_hand = {word for group in value["written"] for word in group["words"]}
    assert len(by_hand) >= 800
    assert not by_hand & {word for group in value["completed"] for word in group["words"]}


def test_the_file_is_made_of_the_list() -> None:
    source, value = tomllib.loads(SOURCE.read_text(encoding="utf-8")), json.loads(SHIPPED.read_text(encoding="utf-8"))
    # through JSON, as it sorts names
    made = json.loads(json.dumps({"written": grouped(meanings(source)), "parts": parts_of(source)}))
    assert made == {name: value[name] for name in made}, "run scripts/build_describe_lexicon.py"
    refused = {" ".join(word.split()) for word in source["wordnet"]["refused"].split(",")}
    assert not refused & {word for group in value["completed"] for word in group["words"]}


def test_attributes_are_those_that_mappers_are_measured_by_and_feelings() -> None:
    lexicon = shipped_lexicon()
    said = [word.means for word in lexicon.words.values()]
    said += [means for part in lexicon.parts.values() for means in part.says.values()]
    said += [*lexicon.instead.values(), dict.fromkeys(lexicon.instead, 1.0)]
    used = {attribute for means in said for attribute in means}
    assert used <= MEASURED | FEELINGS | BESIDE
    assert used >= MEASURED - {"chest to hip"} | FEELINGS
    assert NO_SHAPE in used


def test_weights_are_no_larger_than_a_slider() -> None:
    for key, word in shipped_lexicon().words.items():
        assert word.means, key
        assert all(abs(weight) <= 1.3 for weight in word.means.values()), key


@pytest.mark.parametrize("subject", MEASURED_ATTRIBUTE)
def test_words_of_vocabularies_mean_what_they_are_measured_by(subject: str) -> None:
    lexicon = shipped_lexicon()
    for word, (attribute, sign) in MEASURED_ATTRIBUTE[subject].items():
        means: dict[str, float] = {}
        for wish in understand(word).wishes:
            for name, weight in lexicon.shown(wish.means).items():
                means[name] = means.get(name, 0.0) + weight * (1 if wish.amount > 0 else -1)
        if attribute in means:
            assert means[attribute] * sign > 0, word
        else:  # said by something that stands in for it, or the other way round
            assert means, word


def test_every_word_of_the_vocabularies_is_known_but_what_is_no_shape() -> None:
    words = {word for table in VOCABULARIES.values() for word in table} | {*BODY_EXTRA, *FACE_SHAPE_EXTRA}
    unknown = {word for word in words if understand(word).unknown}
    assert unknown == {"attractive", "sexy"}


def test_wordnets_licence_lies_beside_it() -> None:
    assert "WordNet 3.0" in SHIPPED.with_name("lexicon.LICENSE").read_text(encoding="utf-8")
    assert "lexicon.LICENSE" in json.loads(SHIPPED.read_text(encoding="utf-8"))["source"]


def test_a_file_that_is_no_lexicon_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "describe.json"
    for text in ("", "[]", "{}", '{"written": 3}'):
        path.write_text(text)
        with pytest.raises(FileFormatError, match="is no lexicon"):
            Lexicon.load(path)
