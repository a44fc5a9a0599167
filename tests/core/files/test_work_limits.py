"""Small files that ask for minutes or gigabytes: refused by what they declare, in a moment and without the memory."""

import dataclasses
import itertools
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.npz import save_npz
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.fuzzing.kinds import _encoder, _fitter
from tests.synthetic import synthetic_mapper, synthetic_model


def squeeze(path: Path) -> None:
    """Pack a file again as tightly as can be, which this program's own writer never does."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(zipfile.ZipInfo(f"{number}.npy"), b"")


def many_descriptors(path: Path) -> None:
    mapper = synthetic_mapper(synthetic_model())
    count = 2500  # 6,000 of them take minutes, and the limit is far below both
    wide = {name: np.zeros(count, np.float32) for name in ("low", "high", "default", "score_mean")}
    covariance = np.zeros((count, count), np.float32)
    covariance[np.diag_indices(count)] = 1.0
    dataclasses.replace(
        mapper,
        **wide,
        descriptors=tuple(map(str, range(count))),
        score_deviation=np.ones(count, np.float32),
        score_covariance=covariance,
        layers=((np.zeros((mapper.component_count, count), np.float32), np.zeros(mapper.component_count, np.float32)),),
    ).save(path)


def many_components(path: Path) -> None:
    k = 2500
    prior = np.zeros((k, k), np.float32)
    prior[np.diag_indices(k)] = 1.0
    slope = np.zeros((6, k), np.float32)
    fitter = dataclasses.replace(_fitter(), prior_mean=slope[0], prior_covariance=prior, embedding_slope=slope)
    fitter.save(path)


def padded(path: Path) -> None:
    encoder = _encoder()
    first, second = encoder.convolutions
    dataclasses.replace(encoder, convolutions=(first, dataclasses.replace(second, padding=20_000))).save(path)


def huge_pictures(path: Path) -> None:
    dataclasses.replace(_encoder(), size=60_000).save(path)


def deep_network(path: Path) -> None:
    mapper = synthetic_mapper(synthetic_model())
    d, k = len(mapper.descriptors), mapper.component_count
    widths = [d, *([d] * 500), k]
    layers = tuple((np.zeros((o, i), np.float32), np.zeros(o, np.float32)) for i, o in itertools.pairwise(widths))
    dataclasses.replace(mapper, layers=layers[:-1] + layers[-1:]).save(path)


def long_texts(path: Path) -> None:
    save_npz(path, "semantify.mapper/1", {"descriptors": np.array(["a" * 2_000_000])}, {})


@pytest.mark.parametrize(
    ("make", "load", "message"),
    [
        (many_members, Mapper.load, "declares 60000 members|declares 65536 members"),
        (many_descriptors, Mapper.load, "is the limit|of this size may; refused"),
        (many_components, Fitter.load, "is the limit|of this size may; refused"),
        (padded, ImageEncoder.load, "padding 20000"),
        (huge_pictures, ImageEncoder.load, "is 60000, expected 8 to 1024"),
        (deep_network, Mapper.load, "expected 1 to 32"),
        (long_texts, Mapper.load, "MiB of text; refused"),
    ],
)
def test_refused_at_once(tmp_path: Path, make: Callable[[Path], None], load: Callable, message: str) -> None:
    path = tmp_path / "small.npz"
    make(path)
    if make in (many_descriptors, many_components):
        squeeze(path)
    assert path.stat().st_size < 6e6
    start = time.process_time()
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=message):
        load(path)
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()
    assert time.process_time() - start < 3


def test_one_face_of_many_corners_is_triangulated_at_once() -> None:
    count = 200_000
    model = MorphableModel(
        name="disc",
        template=np.zeros((count, 3), np.float32),
        basis=np.zeros((1, count, 3), np.float32),
        standard_deviations=np.ones(1, np.float32),
        corner_vertices=np.concatenate([np.arange(count), [0, 1, 2]]).astype(np.int32),
        face_offsets=np.array([0, count, count + 3], np.int32),
    )
    start = time.process_time()
    triangles = model.triangles
    assert time.process_time() - start < 2
    assert len(triangles) == count - 1
    assert triangles[:3].tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3]]
