"""The finders' networks beside LiteRT, which runs the files that they were made of: live where it can be had, and by
what it said when `scripts/finders/litert.py` was run."""

import importlib.util
import subprocess
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from scripts.finders.litert import MOST, REFERENCES, LiteRT, seen, told
from scripts.finders.packages import SOURCES
from semantify_blender.core.library import find
from semantify_blender.core.networks.graph import Graph
from semantify_blender.core.networks.runner import Runner

# masks 0..1, places in pixels of the network's picture, metres, probabilities
BARS = {"mask": 1e-3, "points": 0.05, "boxes": 0.05, "world": 1e-3, "scores": 1e-3, "seen": 1e-3, "presence": 1e-3}


@lru_cache
def stored() -> dict[str, np.ndarray]:
    with np.load(REFERENCES) as file:
        return dict(file)


@lru_cache
def ours(name: str) -> dict[str, np.ndarray]:
    return told(name, Runner(Graph.load(find("finders", name))).run(seen(name, stored())))


def check(name: str, wanted: Mapping[str, np.ndarray]) -> None:
    found = ours(name)
    assert found.keys() == wanted.keys()
    for key, array in wanted.items():
        assert found[key].shape == array.shape
        apart = np.abs(found[key] - array)
        # a box is as sure as its score: that of nothing may lie anywhere
        sure = wanted["scores"] > 0.1 if key == "boxes" else slice(None)
        assert apart[sure].max() <= BARS[key], f"{name} {key}: {apart[sure].max():.2g}"


@pytest.mark.parametrize("name", SOURCES)
def test_a_network_says_what_litert_said(name: str) -> None:
    found = {key.split("/")[1]: array for key, array in stored().items() if key.startswith(f"{name}/")}
    if "mask" in found:
        found["mask"] = found["mask"] / 65535
    check(name, found)


@pytest.mark.parametrize("name", SOURCES)
def test_a_network_says_what_litert_says(name: str) -> None:
    check(name, told(name, _live(lambda: LiteRT(name)).run(seen(name, stored()))))


def _live(made: Callable[[], Any]) -> Any:
    if importlib.util.find_spec("ai_edge_litert") is None:
        pytest.skip("beside LiteRT, live: install ai-edge-litert; what it said before was compared")
    try:
        return made()
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(
            f"beside LiteRT, live: npm gives no packages ({type(error).__name__}); what it said before was compared"
        )


def test_the_pictures_show_what_the_networks_are_for() -> None:
    """Else agreement would mean little: they would agree that there is nothing."""
    assert ours("pose")["presence"][0] > 0.99
    assert ours("mesh")["presence"][0] > 0.99
    for name in ("person", "face"):
        assert len(ours(name)["scores"]) == MOST
        assert ours(name)["scores"].max() > 0.7
    for name in ("pose", "selfie"):
        assert 0.05 < (ours(name)["mask"] > 0.5).mean() < 0.5


def test_the_comparison_would_notice() -> None:
    wanted = dict(ours("pose"))
    wanted["points"] = wanted["points"] + 0.06
    with pytest.raises(AssertionError, match="pose points"):
        check("pose", wanted)
