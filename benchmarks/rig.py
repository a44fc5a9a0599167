"""What a rig costs a slider change, from the callback to the evaluated mesh, beside a character without one.

    python benchmarks/rig.py [--mapper anny-body-neutral] [--characters 5] [--changes 60]

In turns on the same values: a character alone, one with a rig whose bones follow, one whose rig rests (its bones were
moved by hand), all of them in a file with further characters.
"""

import argparse
import atexit
import os
import statistics
import sys
import time
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import semantify_blender


def added(mapper: str, rig: bool) -> bpy.types.Object:
    """A new character."""
    bpy.ops.semantify.add_character(mapper=mapper)
    obj = bpy.context.view_layer.objects.active
    if rig:
        bpy.ops.semantify.add_rig()
    return obj


def changed(obj: bpy.types.Object, value: float) -> float:
    """Milliseconds of one change."""
    start = time.perf_counter()
    obj.data.semantify.sliders[0].value = value
    bpy.context.view_layer.update()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mapper", default="anny-body-neutral")
    parser.add_argument("--characters", type=int, default=5, help="further ones in the file")
    parser.add_argument("--changes", type=int, default=60)
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    # Blender as a module may hang at exit with classes registered
    atexit.register(os._exit, 0)
    ways = {"no rig": added(options.mapper, False), "rig": added(options.mapper, True)}
    ways["rig moved by hand"] = added(options.mapper, True)
    ways["rig moved by hand"].parent.data["semantify_ends"] = [0.0] * len(ways["rig"].parent.data["semantify_ends"])
    for _ in range(options.characters):
        added(options.mapper, True)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(options.changes):
        for name, obj in ways.items():
            times[name].append(changed(obj, 0.8 * ((i * 7) % 11 / 5.5 - 1)))
    base = statistics.median(times["no rig"])
    start = time.perf_counter()
    added(options.mapper, True)
    adding = time.perf_counter() - start
    print("| a slider change | ms | × no rig |\n|---|---:|---:|")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.2f} | {statistics.median(values) / base:.2f} |")
    print(f"\nAdding a character and its rig: {adding:.2f} s")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
