"""The codings of a page, against readers that are written the long way."""

import gzip

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.page.arrays import Block, Blocks
from semantify_blender.core.page.neighbours import coarse_to_fine
from semantify_blender.core.page.rice import packed_residuals
from semantify_blender.core.page.rounding import rounded_layers
from semantify_blender.core.page.text import ALPHABET, packed_text
from tests.core.page import page_reader


def test_the_alphabet_means_nothing_in_html() -> None:
    assert len(ALPHABET) == 91
    assert not set("<>& \n") & set(ALPHABET)
    assert list(ALPHABET) == page_reader.ALPHABET


@pytest.mark.parametrize("size", [0, 1, 2, 12, 13, 14, 1000, 20_000])
def test_bytes_come_back_from_text(size: int) -> None:
    content = np.random.default_rng(size).bytes(size)
    text = packed_text(content)
    assert page_reader._bytes_of(text, size) == content
    assert len(text) <= 2 * (8 * size + 12) // 13 + 2 + size // 5000


@pytest.mark.parametrize("spread", [0.0, 0.05, 1.0, 40.0, 3_000.0])
def test_residuals_come_back_from_bits(spread: float) -> None:
    values = (
        np.round(np.random.default_rng(1).laplace(0, spread, 3000)).astype(np.int64) if spread else np.zeros(77, int)
    )
    content = packed_residuals(values)
    assert np.array_equal(page_reader._rice(content, len(values)), values)
    # a Laplace distribution has log2(2e·spread) bits; a block's head is an eighth of one
    assert 8 * len(content) / len(values) < max(0.9, np.log2(2 * np.e * max(spread, 1e-9)) + 0.6)


def test_a_few_rare_numbers_far_out() -> None:
    values = np.zeros(320, np.int64)
    values[[3, 64, 319]] = 1 << 20, -(1 << 20), -1
    assert np.array_equal(page_reader._rice(packed_residuals(values), 320), values)


def test_arrays_come_back_from_blocks() -> None:
    rng = np.random.default_rng(2)
    owners = rng.integers(0, 40, 200)
    wanted = {
        "plain": rng.normal(size=(3, 5)).astype(np.float32),
        "rows": rng.integers(0, 65536, (3, 50)).astype(np.uint16),
        "delta": rng.integers(0, 2**32, 60).astype(np.uint32),
        "corners": owners.astype(np.uint16),
        "uv": rng.integers(0, 4096, (2, 200)).astype(np.uint16),
    }
    block, blocks = Block(), Blocks()
    block.plain("plain", wanted["plain"])
    block.rows("rows", wanted["rows"])
    block.delta("delta", wanted["delta"])
    block.delta("corners", wanted["corners"])
    block.seen("uv", wanted["uv"], owners)
    places = blocks.add(block)
    assert blocks.add(block) == places
    (text,), (size,) = blocks.texts, blocks.sizes
    content = gzip.decompress(page_reader._bytes_of(text, size["packed"]))
    read = page_reader.ReadModel.of({"arrays": places}, [content])
    for name, values in wanted.items():
        assert np.array_equal(read.numbers[name], values), name


@pytest.mark.parametrize("name", ["quadruped", "anny-face-shape"])
def test_parents_are_the_ones_that_are_described(name: str) -> None:
    points = load_model(name).template[:1500]
    places = np.round((points - points.min(0)) / np.ptp(points, axis=0).max() * 20_000).astype(np.int64)
    places[700] = places[10]  # two of one place
    passes = coarse_to_fine(places)
    described = page_reader.order_of(places)
    assert [vertex for vertex, _ in described] == [int(vertex) for step in passes for vertex in step.vertices]
    rows = [row for step in passes for row in zip(step.parents, step.weights, strict=True)]
    for (_, parents), (numbers, weights) in zip(described, rows, strict=True):
        # to the last bit: what differs by less would be a step of the shape
        assert [number for number, _ in parents] == numbers[: len(parents)].tolist()
        assert [weight for _, weight in parents] == weights[: len(parents)].tolist()
        assert not weights[len(parents) :].any()


def test_rounded_layers_change_outputs_less_than_rounding_does() -> None:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(600, 3)) @ rng.normal(size=(3, 100))
    weight = rng.normal(size=(40, 100)).astype(np.float32)
    layers = ((weight, np.zeros(40, np.float32)), (rng.normal(size=(5, 40)).astype(np.float32), np.ones(5, np.float32)))
    first, last = rounded_layers(layers, inputs)
    assert first.numbers.dtype == np.int8
    assert last.numbers.dtype == np.float16  # too few inputs to make anything good
    plain = first.scale[:, None] * np.round(weight / first.scale[:, None])

    def error(kept: np.ndarray) -> float:
        return float(np.abs(inputs @ (kept - weight).T).mean())

    assert error(first.weight) < 0.3 * error(plain)
