"""The scripts that measure finders' masks, and what clothes change of a fit."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.small_clip import clothes_pairs
from scripts.small_clip.measure_masks import ends
from semantify_blender.core.library import load_model


def disc(radius: float, size: int = 96) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size / 2 + 0.5
    return np.clip(radius - np.hypot(x, y) + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("further", [-3.0, 0.0, 2.0])
def test_ends_tell_how_far_a_mask_reaches_beyond_the_outline(further: float) -> None:
    found = ends(disc(30) > 0.5, disc(30 + further))
    assert len(found) > 100
    assert np.nanmean(found) == pytest.approx(further, abs=0.4)
    assert np.nanstd(found) < 0.6


def test_ends_are_unknown_where_the_mask_has_none() -> None:
    half = disc(30)
    half[:, 48:] = 0
    found = ends(disc(30) > 0.5, half)
    assert 0.3 < np.isnan(found).mean() < 0.6


def test_the_same_bodies_are_fitted_in_other_clothes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    model = load_model("anny-body-neutral")
    rng = np.random.default_rng(0)
    shapes = model.vertices(rng.uniform(-1, 1, (2, model.component_count)).astype(np.float32))
    np.save(tmp_path / "bodies.npy", shapes.astype(np.float16))
    words = ["x", "anny-body-neutral", "--shapes", str(tmp_path / "bodies.npy"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", words)
    clothes_pairs.main()
    figures = json.loads((tmp_path / "out" / "pairs.json").read_text())
    assert figures["bodies"] == 2
    for by_name in figures["pairs"].values():
        assert set(by_name) == set(clothes_pairs.WORN)
        assert by_name[clothes_pairs.PLAIN]["change"] == 0.0
    cut_out = figures["pairs"][clothes_pairs.CUT]
    assert all(row["bodies"] == 2 and 1 < row["mm"] < 60 for row in cut_out.values())
    assert len({row["mm"] for row in cut_out.values()}) == 4
    assert "| cut out, jacket | 2 |" in capsys.readouterr().out
    with Image.open(tmp_path / "out" / "pairs.png") as sheet:
        assert sheet.size == (4 * clothes_pairs.SIZE, 2 * clothes_pairs.SIZE)
