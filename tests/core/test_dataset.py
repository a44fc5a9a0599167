"""The dataset on disk: specification, shards and reader."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import SPEC_FILE, DatasetSpec
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files.shards import ShortShardError
from semantify_blender.core.library import load_model
from semantify_blender.core.model.view import View


def spec(**changes: object) -> DatasetSpec:
    values = {"model": "m", "model_checksum": "ab" * 32, "samples": 7, "seed": 1, "blender_version": "4.5.0"}
    return DatasetSpec(**(values | {"shard_size": 3} | changes))


def samples(numbers: range) -> Iterator[tuple[int, np.ndarray, dict[str, bytes]]]:
    for i in numbers:
        yield i, np.arange(4) + i, {"front": b"F%d" % i, "side": b"S%d" % i}


def write_all(folder: Path) -> DatasetSpec:
    written = spec()
    written.save(folder)
    for shard in range(written.shard_count):
        written.write_shard(folder, shard, samples(written.shard_range(shard)))
    return written


def test_shards_hold_every_sample_once() -> None:
    ranges = [spec().shard_range(i) for i in range(spec().shard_count)]
    assert [i for r in ranges for i in r] == list(range(7))
    with pytest.raises(SemantifyError, match="shard 3 does not exist"):
        spec().shard_range(3)


def test_spec_survives_saving(tmp_path: Path) -> None:
    original = spec(views=(View("front", 0.0), View("az22_5", 22.5)), components=None, k=1.5)
    original.save(tmp_path)
    assert DatasetSpec.load(tmp_path) == original


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"samples": 0}, "samples"),
        ({"samples": "many"}, "samples"),
        ({"engine": "pov-ray"}, "engine"),
        ({"look": "fancy"}, "look"),
        ({"k": -1}, "k"),
        ({"size": 2.5}, "size"),
        ({"components": 0}, "components"),
        ({"sampler": "file"}, "coefficients_checksum"),
        ({"views": []}, "views"),
        ({"views": [{"name": "a.b", "azimuth": 0}]}, "views"),
        ({"views": [{"name": "front"}]}, r"views[0].azimuth"),
        ({"views": [{"name": "front", "azimuth": 1e300}]}, r"views[0].azimuth"),
        ({"views": "front"}, "views"),
        ({"model": "../../x"}, "model"),
        ({"components": True, "k": 1e-300}, "components"),
        ({"k": 1e-300}, "k"),
        ({"samples": 10**30}, "file"),
        ({"samples": 999_999, "shard_size": 1}, "shard_size"),
        ({"textured": "yes"}, "textured"),
        ({"outfit": 3}, "outfit"),
        ({"model": 3}, "model"),
        ({"schema": "semantify.dataset/9"}, "schema"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bad_field_is_named(tmp_path: Path, change: dict[str, object], field: str) -> None:
    spec().save(tmp_path)
    path = tmp_path / SPEC_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FileFormatError, match=re.escape(field)) as caught:
        DatasetSpec.load(tmp_path)
    assert caught.value.field == field
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "[1]", "{", "\x00"])
def test_broken_json_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / SPEC_FILE).write_text(text)
    with pytest.raises(FileFormatError, match=SPEC_FILE):
        DatasetSpec.load(tmp_path)


def test_missing_field_is_named(tmp_path: Path) -> None:
    for field in dataclasses.fields(DatasetSpec):
        spec().save(tmp_path)
        values = json.loads((tmp_path / SPEC_FILE).read_text())
        del values[field.name]
        (tmp_path / SPEC_FILE).write_text(json.dumps(values))
        with pytest.raises(FileFormatError, match=f"{field.name}: missing"):
            DatasetSpec.load(tmp_path)


def test_difference_names_the_fields() -> None:
    assert spec().difference(spec()) == ""
    assert spec(size=128).difference(spec(seed=2)) == "seed 1 instead of 2, size 128 instead of 224"


def test_reader_gives_back_what_was_written_in_order(tmp_path: Path) -> None:
    write_all(tmp_path)
    dataset = Dataset.open(tmp_path)
    assert len(dataset) == 7
    np.testing.assert_array_equal(dataset.coefficients(), np.arange(4) + np.arange(7)[:, None])
    assert dataset.coefficients().dtype == np.float32
    wanted = [(i, view, b"%s%d" % (letter, i)) for i in range(7) for view, letter in (("front", b"F"), ("side", b"S"))]
    assert list(dataset.images()) == wanted
    assert list(dataset.shard_images(2)) == wanted[-2:]


def test_missing_shards_say_how_to_resume(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    written.shard_path(tmp_path, 1).unlink()
    with pytest.raises(SemantifyError, match=r"1 of 3 shards.*shard-000001\.tar.*resume"):
        Dataset.open(tmp_path)


def test_damaged_shard_is_named(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    path = written.shard_path(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar"):
        list(Dataset.open(tmp_path).images())
    path.write_bytes(b"not a tar")
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar.*run the same render command again"):
        Dataset.open(tmp_path).coefficients()


def test_the_checksum_knows_every_picture_and_every_coefficient(tmp_path: Path) -> None:
    """The sizes stay the same in all of these."""
    write_all(tmp_path / "a")
    whole = Dataset.open(tmp_path / "a").checksum
    assert Dataset.open(tmp_path / "a").checksum == whole
    other = spec()

    def changed(numbers: range, sample: int) -> Iterator[tuple[int, np.ndarray, dict[str, bytes]]]:
        for i, coefficients, images in samples(numbers):
            yield i, coefficients, {"front": b"F0", "side": images["side"]} if i == sample else images

    for folder, sample in (("b", 5), ("c", 6)):
        write_all(tmp_path / folder)
        for shard in range(other.shard_count):
            other.write_shard(tmp_path / folder, shard, changed(other.shard_range(shard), sample))
    assert len({whole, *(Dataset.open(tmp_path / folder).checksum for folder in "bc")}) == 3


def test_zeroed_pictures_within_a_shard_are_noticed(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    path = written.shard_path(tmp_path, 1)
    data = bytearray(path.read_bytes())
    at = data.index(b"S4")
    data[at : at + 2] = bytes(2)
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: sample 4: does not match its checksum") as caught:
        _ = Dataset.open(tmp_path).checksum
    assert caught.value.field == "sample 4"
    assert [i for i, _, _ in Dataset.open(tmp_path).shard_images(0)] == [0, 0, 1, 1, 2, 2]


def test_swapped_and_foreign_shards_are_noticed(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    first, second = (written.shard_path(tmp_path, shard) for shard in (0, 1))
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    with pytest.raises(FileFormatError, match=r"shard-000000\.tar.*other samples.*again"):
        Dataset.open(tmp_path).coefficients()
    second.unlink()
    spec(seed=2).write_shard(tmp_path, 0, samples(range(3)))
    spec(seed=2).write_shard(tmp_path, 1, samples(range(3, 6)))
    with pytest.raises(FileFormatError, match=r"shard-000000\.tar: dataset: is another one.*move it away"):
        Dataset.open(tmp_path).coefficients()


def test_samples_of_unequal_length_are_named(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    written.write_shard(
        tmp_path, 1, ((i, np.zeros(5 if i == 4 else 4), {"front": b"F", "side": b"S"}) for i in (3, 4, 5))
    )
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: sample 4: has 5 coefficients, sample 0 has 4"):
        Dataset.open(tmp_path).coefficients()


def test_how_many_samples_there_are_changes_none_of_them(tmp_path: Path) -> None:
    """A shard of a smaller dataset is one of the larger, and the first samples are a dataset of their own."""
    write_all(tmp_path)
    larger = spec(samples=9)
    larger.save(tmp_path)
    assert larger.checksum != spec().checksum
    assert larger.sample_checksum == spec().sample_checksum != spec(seed=2).sample_checksum
    with pytest.raises(ShortShardError, match=r"shard-000002\.tar: samples: has 1 of 3; run the same render command"):
        Dataset.open(tmp_path).coefficients()
    assert list(larger.shard_sums(tmp_path, 2)) == [6]
    assert [sample for sample, _, _ in larger.read_shard(tmp_path, 2, 1)] == [6]
    larger.write_shard(tmp_path, 2, samples(larger.shard_range(2)))
    assert len(Dataset.open(tmp_path).coefficients()) == 9
    for count in (7, 5, 3, 1):
        part, alone = Dataset.open(tmp_path, count), tmp_path / str(count)
        small = spec(samples=count)
        small.save(alone)
        for shard in range(small.shard_count):
            small.write_shard(alone, shard, samples(small.shard_range(shard)))
        assert len(part) == count
        assert list(part.images()) == list(Dataset.open(alone).images())
        assert part.checksum == Dataset.open(alone).checksum
    larger.shard_path(tmp_path, 2).unlink()
    assert len(Dataset.open(tmp_path, 6)) == 6, "what is beyond is not needed"
    with pytest.raises(SemantifyError, match=r"has 9 samples but 10 are wanted: .*--samples 10"):
        Dataset.open(tmp_path, 10)


def test_a_model_chooses_what_nobody_asked_for() -> None:
    face, body = load_model("anny-face-expression"), load_model("anny-body-neutral")
    own = DatasetSpec.of(face, samples=5)
    assert (own.model, own.model_checksum, own.k, own.sampler) == (face.name, face.checksum, 4.0, "population")
    assert [view.text for view in own.views] == face.metadata["views"]
    assert [view.name for view in DatasetSpec.of(body).views] == ["front", "side"]
    assert DatasetSpec.of(body).samples == 3000
    assert DatasetSpec.of(body, look="wild").image_format == "png"
    asked = DatasetSpec.of(face, sampler="sparse", k=1.0, views=["az:12.5"], image_format="png", size=32)
    assert (asked.k, asked.views[0].text, asked.image_format, asked.size) == (1.0, "az:12.5", "png", 32)
    with pytest.raises(SemantifyError, match="size is 1"):
        DatasetSpec.of(body, size=1)
