"""The scripts of the four-legged model: which model they draw animals for."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.quadruped import sample
from semantify_blender.core.library import load_model


def drawn(monkeypatch: pytest.MonkeyPatch, path: Path) -> np.ndarray:
    """(4, K) coefficients that the script writes."""
    monkeypatch.setattr(sys, "argv", ["sample.py", str(path), "--count", "4", "--pool", "1"])
    sample.main()
    found: np.ndarray = np.load(path)
    return found


def test_animals_are_drawn_for_the_model_that_was_made_before_it_is_shipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`make models` keeps what it makes in a folder of $SEMANTIFY_DATA; the shipped one may have other vertices."""
    shipped = load_model("quadruped")
    made = tmp_path / "models" / "quadruped.model.npz"
    made.parent.mkdir()
    replace(shipped, basis=2 * shipped.basis).save(made)
    as_shipped = drawn(monkeypatch, tmp_path / "shipped.npy")
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    np.testing.assert_allclose(drawn(monkeypatch, tmp_path / "made.npy"), as_shipped / 2, rtol=1e-3, atol=1e-4)
