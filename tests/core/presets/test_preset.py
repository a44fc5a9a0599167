"""The file of a preset: written and read alike, and refused in one sentence when anything is off."""

import json
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core import library
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files.names import is_plain
from semantify_blender.core.presets.mixing import mixed
from semantify_blender.core.presets.preset import BODY, LAYERS, Fit, Preset, subject_named
from tests.fuzzing.mutations import spoil_bytes, spoil_json_bytes

WHOLE = Preset(
    name="Old Sailor",
    subject="person",
    sliders={"body": {"tall": 0.5, "fat": -1.25}, "face": {"big forehead": 1.0}, "expression": {}},
    mapper="anny-body-male",
    keep_natural=frozenset({"body"}),
    outfit="casual",
    colours={"skin": (0.5, 0.25, 1.0), "belly fur": (0.0, 0.0, 0.0)},
    fits={"body": Fit("a" * 64, (0.5, -2.0, 0.0), "sailor.jpg")},
)


def content(**changes: object) -> bytes:
    """A small preset's file with some fields replaced; None leaves a field out."""
    value = {"schema": "semantify.preset/1", "name": "Runner", "subject": "person", "sliders": {"body": {"tall": 0.5}}}
    value = {name: field for name, field in {**value, **changes}.items() if field is not None}
    return json.dumps(value).encode()


def test_a_preset_is_read_as_it_was_written(tmp_path: Path) -> None:
    WHOLE.save(tmp_path / "a.json")
    assert Preset.load(tmp_path / "a.json") == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_words_at_rest_are_not_written_and_are_read_as_0(tmp_path: Path) -> None:
    preset = Preset("A", "person", {"body": {"tall": 0.0, "fat": 0.25}})
    preset.save(tmp_path / "a.json")
    read = Preset.load(tmp_path / "a.json")
    assert read.sliders == {"body": {"fat": 0.25}}
    assert read.values("body", ("Tall", " FAT ", "old")) == [0.0, 0.25, 0.0]


def test_words_that_a_mapper_lacks_are_named_where_they_move_something() -> None:
    preset = Preset("A", "person", {"body": {"tall": 0.0, "fat": 0.25, "curvy": 1.0}})
    assert preset.unknown("body", ("fat",)) == ["curvy"]
    assert preset.unknown("face", ("fat",)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": "semantify.preset/2"}, "schema"),
        ({"schema": None}, "schema"),
        ({"name": None}, "name"),
        ({"name": 3}, "name"),
        ({"name": "../x"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "a\\b"}, "name"),
        ({"name": "CON"}, "name"),
        ({"name": "lpt1.txt"}, "name"),
        ({"name": " x"}, "name"),
        ({"name": "x."}, "name"),
        ({"name": "x\n"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 49}, "name"),
        ({"subject": "../person"}, "subject"),
        ({"mapper": "/etc/passwd"}, "mapper"),
        ({"outfit": "C:\\clothes"}, "outfit"),
        ({"sliders": None}, "sliders"),
        ({"sliders": {}}, "sliders"),
        ({"sliders": []}, "sliders"),
        ({"sliders": {"legs": {"tall": 1}}}, "sliders"),
        ({"sliders": {"body": [1]}}, "sliders.body"),
        ({"sliders": {"body": {"tall": "1"}}}, "sliders.body.tall"),
        ({"sliders": {"body": {"tall": True}}}, "sliders.body.tall"),
        ({"sliders": {"body": {"tall": None}}}, "sliders.body.tall"),
        ({"sliders": {"body": {"tall": 1.51}}}, "sliders.body.tall"),
        ({"sliders": {"body": {"": 1}}}, "sliders.body"),
        ({"sliders": {"body": {"x" * 121: 1}}}, "sliders.body"),
        ({"sliders": {"body": {"tall": 1, "TALL": 1}}}, "sliders.body"),
        ({"sliders": {"body": {str(i): 0.5 for i in range(257)}}}, "sliders.body"),
        ({"keep_natural": ["arm"]}, "keep_natural"),
        ({"keep_natural": ["body", "body"]}, "keep_natural"),
        ({"keep_natural": {"body": True}}, "keep_natural"),
        ({"colours": {"skin": [0.5, 0.5]}}, "colours.skin"),
        ({"colours": {"skin": [0.5, 0.5, 1.5]}}, "colours.skin"),
        ({"colours": {"../skin": [0, 0, 0]}}, "colours"),
        ({"colours": {f"r{i}": [0, 0, 0] for i in range(257)}}, "colours"),
        ({"fit": {"body": {"model": "a"}}}, "fit.body.values"),
        ({"fit": {"body": {"model": "a", "values": []}}}, "fit.body.values"),
        ({"fit": {"body": {"model": "a", "values": [0] * 1025}}}, "fit.body.values"),
        ({"fit": {"body": {"model": "a", "values": [1e4]}}}, "fit.body.values"),
        ({"fit": {"body": {"model": "../a", "values": [1]}}}, "fit.body.model"),
        ({"fit": {"tail": {"model": "a", "values": [1]}}}, "fit"),
        ({"fit": {"body": {"model": "a", "values": [1], "picture": "a\nb"}}}, "fit.body.picture"),
    ],
)
def test_what_is_off_is_told_with_file_and_field(changes: dict, field: str) -> None:
    with pytest.raises(FileFormatError, match=r"^a\.json: ") as told:
        Preset.load("a.json", content(**changes))
    assert told.value.field == field
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"3",
        b"\xff\xfe",
        content().replace(b"0.5", b"NaN"),
        content().replace(b"0.5", b"-Infinity"),
        content().replace(b"0.5", b"1e999"),
        content().replace(b"0.5", b"9" * 5000),
        content().replace(b'"tall": 0.5', b'"tall": 0.5, "tall": 0.25'),
        content().replace(b"Runner", b"\\ud800"),
        b"[" * 100_000,
        content() + b" " * (2 << 20),
        b'{"schema": "semantify.preset/1", "sliders": {"body": {' + b'"a":1,' * 400_000,
    ],
)
def test_what_is_no_preset_at_all_is_refused_in_a_sentence(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text)
    with pytest.raises(FileFormatError) as told:
        Preset.load(path)
    assert "\n" not in str(told.value)
    with pytest.raises(FileFormatError):
        Preset.load(tmp_path / "missing.json")
    with pytest.raises(FileFormatError):
        Preset.load(tmp_path)


def test_spoilt_files_are_refused_or_are_sound(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    WHOLE.save(tmp_path / "valid.json")
    valid, refused, accepted = (tmp_path / "valid.json").read_bytes(), 0, 0
    for case in range(600):
        spoil = spoil_bytes if case % 4 == 3 else spoil_json_bytes
        try:
            preset = Preset.load("spoilt.json", spoil(rng, valid, valid))
        except SemantifyError as error:
            refused += "\n" not in str(error)
            continue
        accepted += 1
        assert is_plain(preset.name)
        assert set(preset.sliders) <= set(LAYERS)
        for words in preset.sliders.values():
            assert all(abs(value) <= 1.5 for value in words.values())
        half = mixed(preset, WHOLE, 0.5)
        half.save(tmp_path / "again.json")
        assert Preset.load(tmp_path / "again.json").name == preset.name
    assert 300 < refused == 600 - accepted < 600


@pytest.mark.parametrize(
    ("family", "subject"),
    [("anny-body", "person"), ("anny-face-expression", "person"), ("smplx", "person"), ("quadruped", "animal"),
     ("smal", "animal"), ("snail", "snail"), ("", "model")],
)  # fmt: skip
def test_subjects(family: str, subject: str) -> None:
    assert subject_named(family, "model") == subject


def test_mixing_goes_from_one_to_the_other_by_word() -> None:
    one = Preset("A", "person", {"body": {"tall": 1.0, "fat": 0.5}}, outfit="casual", colours={"skin": (1, 1, 1)})
    other = Preset("B", "person", {"body": {"Tall": -1.0, "old": 1.0}, "face": {"fat": 1.0}})
    for factor, wanted in ((0.0, (1.0, 0.5, 0.0)), (0.25, (0.5, 0.375, 0.25)), (1.0, (-1.0, 0.0, 1.0))):
        between = mixed(one, other, factor)
        assert between.values("body", ("tall", "fat", "old")) == pytest.approx(wanted)
        # only one of them speaks of a face
        assert between.sliders["face"] == {"fat": 1.0}
        assert between.outfit == ""
        assert between.colours == {}


def test_mixing_takes_what_pictures_added_along() -> None:
    one = Preset("A", "person", {BODY: {}}, fits={BODY: Fit("m", (1.0, -2.0), "a.jpg")})
    plain, alien = Preset("B", "person", {BODY: {}}), Preset("C", "person", {BODY: {}}, fits={BODY: Fit("n", (4.0,))})
    assert mixed(one, plain, 0.25).fits[BODY] == Fit("m", (0.75, -1.5), "a.jpg")
    assert mixed(plain, one, 0.25).fits[BODY] == Fit("m", (0.25, -0.5), "a.jpg")
    assert mixed(one, alien, 0.25).fits[BODY] == Fit("m", (0.75, -1.5), "a.jpg")
    assert mixed(one, alien, 0.75).fits[BODY] == Fit("n", (3.0,))
    assert mixed(plain, plain, 0.5).fits == {}


def test_24_presets_are_shipped_whose_words_their_mappers_have() -> None:
    folder = library.DATA / "presets"
    found = [(path, Preset.load(path)) for path in sorted(folder.glob("*.json"))]
    kinds = [preset.subject if "body" in preset.sliders else "face" for _, preset in found]
    assert [kinds.count(kind) for kind in ("person", "face", "animal")] == [8, 8, 8]
    for path, preset in found:
        assert path.stem == preset.name
        assert path.with_suffix(".png").is_file()
        mapper = library.load_mapper(preset.mapper)
        model = library.load_model(mapper.model_name)
        (layer,) = preset.sliders
        assert preset.unknown(layer, mapper.descriptors) == []
        assert max(map(abs, preset.sliders[layer].values())) <= mapper.reach
        assert preset.outfit in ("", *model.metadata.get("clothes", {}).get("outfits", ()))
        assert not preset.fits
    assert sum(path.stat().st_size for path in folder.iterdir()) < 400_000
