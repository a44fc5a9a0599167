"""The finders' networks, each read and laid out at its first use."""

import threading
from pathlib import Path

import numpy as np

from ..errors import FileFormatError
from ..library import find
from ..networks.graph import Graph
from ..networks.runner import Runner

_NETWORKS: dict[str, tuple[int, dict[str, tuple[int, ...]]]] = {
    "person": (224, {"boxes": (2254, 12), "scores": (2254, 1)}),
    "pose": (256, {"points": (195,), "presence": (1,), "mask": (256, 256, 1), "world": (117,)}),
    "selfie": (256, {"mask": (256, 256, 1)}),
    "face": (128, {"boxes": (896, 16), "scores": (896, 1)}),
    "mesh": (192, {"points": (1, 1, 1404), "presence": (1, 1, 1)}),
}
"""Name -> side of its pictures, what it says of one."""
_runners: dict[Path, Runner] = {}
_one_at_a_time = threading.Lock()


def look(name: str, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """What a network says of a picture of its own size, (rows, columns, 3) float32 in its own range.

    Raises SemantifyError when its file is missing, FileFormatError when it is damaged or another network's.
    """
    with _one_at_a_time:
        path = find("finders", name)
        said = _runner(path, name).run(pixels)
    if not all(np.isfinite(array).all() for array in said.values()):
        raise FileFormatError(path, "weights", "give numbers that are not finite; fetch or make the finder again")
    return said


def side_of(name: str) -> int:
    """Side of a network's pictures, pixels."""
    return _NETWORKS[name][0]


def is_loaded() -> bool:
    """Whether any network is in memory."""
    return bool(_runners)


def _runner(path: Path, name: str) -> Runner:
    if path not in _runners:
        graph = Graph.load(path)
        side, outputs = _NETWORKS[name]
        if graph.input != (side, side, 3) or {k: graph.shapes[i] for k, i in graph.outputs.items()} != outputs:
            problem = f"is not the network {name!r}: takes {graph.input}, gives {', '.join(sorted(graph.outputs))}"
            raise FileFormatError(path, "metadata.outputs", f"{problem[:200]}; fetch or make the finder again")
        _runners[path] = Runner(graph)
    return _runners[path]


def forget() -> None:
    """Give the memory back."""
    with _one_at_a_time:
        _runners.clear()
