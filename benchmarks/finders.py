"""How long the finders take beside LiteRT, which runs the files that their networks were made of.

    python benchmarks/finders.py [--rounds 15] [--json]

Each network by itself; then a person and a face of a picture with 12 megapixels, found and read, and by LiteRT the same
networks as often, without the reading of the picture. By the clock, with as many threads as NumPy takes beside one of
LiteRT's, and in processor's time on one thread, which depends less on what else runs. Turns alternate, so that other
load hits both alike; ratios are medians of turns. Without ai-edge-litert, or npm to fetch the packages, LiteRT's
columns are left out and a line says so.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.finders.litert import REFERENCES, LiteRT, seen
from scripts.finders.packages import SOURCES
from semantify_blender.core.finders import boxes, face, files, person
from semantify_blender.core.library import find
from semantify_blender.core.networks.graph import Graph
from semantify_blender.core.networks.runner import Runner
from semantify_blender.core.pictures.picture import Picture

HEIGHT, WIDTH = 4000, 3000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Found = dict[str, dict[str, float]]


def turns(rounds: int, ours: Callable[[], object], theirs: Callable[[], object] | None) -> dict[str, float]:
    """Medians in milliseconds, and the median of the turns' ratios."""
    now = _clock()
    spent: list[tuple[float, float]] = []
    for turn in range(rounds + 2):
        start = now()
        ours()
        middle = now()
        if theirs is not None:
            theirs()
        if turn > 1:  # the first are slower
            spent.append((1e3 * (middle - start), 1e3 * (now() - middle)))
    found = {"ms": statistics.median(one for one, _ in spent)}
    if theirs is not None:
        found |= {
            "litert_ms": statistics.median(other for _, other in spent),
            "ratio": statistics.median(one / other for one, other in spent),
        }
    return found


def _clock() -> Callable[[], float]:
    return time.process_time if ONE_THREAD.items() <= os.environ.items() else time.perf_counter


def large_picture(pixels: np.ndarray) -> Picture:
    """A small render blown up to what a camera takes."""
    rows = np.arange(HEIGHT) * len(pixels) // HEIGHT
    columns = np.arange(WIDTH) * pixels.shape[1] // WIDTH
    large = pixels[np.ix_(rows, columns)]
    return Picture(np.dstack([large, np.full(large.shape[:2], 255, np.uint8)]), "large")


def measured(rounds: int) -> Found:
    """Name -> figures."""
    with np.load(REFERENCES) as file:
        pictures = {name: file[name] for name in ("body", "face")}
    others: dict[str, LiteRT] = {}
    try:
        others = {name: LiteRT(name) for name in SOURCES}
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        print(f"without LiteRT: {type(error).__name__}: {error}", file=sys.stderr)
    found: Found = {}
    now = _clock()
    start = now()
    for name in ("person", "pose"):
        Runner(Graph.load(find("finders", name)))
    found["person and pose loaded"] = {"ms": 1e3 * (now() - start)}
    for name in SOURCES:
        runner, pixels = Runner(Graph.load(find("finders", name))), seen(name, pictures)
        beside = (lambda: others[name].run(pixels)) if others else None  # noqa: B023
        found[name] = turns(rounds, lambda: runner.run(pixels), beside)  # noqa: B023
    for what, detector, reader, work in (
        ("a person found and read, 12 megapixels", "person", "pose", _read_person),
        ("a face found and read, 12 megapixels", "face", "mesh", _read_face),
    ):
        picture = large_picture(pictures["body" if detector == "person" else "face"])
        count = _passes(work, picture)
        shown = {name: seen(name, pictures) for name in (detector, reader)}

        def theirs(count: dict[str, int] = count, shown: dict[str, np.ndarray] = shown) -> None:
            for name, times in count.items():
                for _ in range(times):
                    others[name].run(shown[name])

        found[what] = turns(max(3, rounds // 3), lambda: work(picture), theirs if others else None)  # noqa: B023
    return found


def _read_person(picture: Picture) -> None:
    assert person.find_people(picture)


def _read_face(picture: Picture) -> None:
    assert face.find_faces(picture)


def _passes(work: Callable[[Picture], None], picture: Picture) -> dict[str, int]:
    """How often each network looks."""
    count: dict[str, int] = {}
    look = files.look

    def counted(name: str, pixels: np.ndarray) -> dict[str, np.ndarray]:
        count[name] = count.get(name, 0) + 1
        return look(name, pixels)

    modules = (boxes, person, face)
    for module in modules:
        setattr(module, "look", counted)  # noqa: B010
    try:
        work(picture)
    finally:
        for module in modules:
            setattr(module, "look", look)  # noqa: B010
    return count


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description="How long the finders take beside LiteRT.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.rounds)
    if options.json:
        print(json.dumps(found))
        return
    command = [sys.executable, __file__, "--json", "--rounds", str(options.rounds)]
    child = subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=True, stdout=subprocess.PIPE)
    alone: Found = json.loads(child.stdout)
    print(f"{'':40}{'by the clock':>28}{'':4}{'one thread, processor':>28}")
    print(f"{'':40}{'ours':>10}{'LiteRT':>10}{'ratio':>8}{'':4}{'ours':>10}{'LiteRT':>10}{'ratio':>8}")
    for name, figures in found.items():
        print(f"{name:40}{_cells(figures):28}{'':4}{_cells(alone[name])}")


def _cells(figures: dict[str, float]) -> str:
    cells = [f"{figures['ms']:7.1f} ms"]
    if "ratio" in figures:
        cells += [f"{figures['litert_ms']:7.1f} ms", f"{figures['ratio']:8.1f}"]
    return "".join(cells)


if __name__ == "__main__":
    main()
