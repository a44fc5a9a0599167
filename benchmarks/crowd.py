"""What a crowd costs: seconds, materials and the size of its file, beside plain copies of one of its people.

    python benchmarks/crowd.py [--mapper anny-body-neutral] [--people 20 100] [--random-clothes]

Plain copies are `object.copy()` and `data.copy()` of the first of the crowd, all in its shape; plain meshes are the
same people after Finish Character, without sliders, keys, mapper and model. Files are not compressed.
"""

import argparse
import atexit
import os
import sys
import tempfile
import time
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import semantify_blender


def empty(mapper: str) -> None:
    """A file without anything, and the mapper and model known to the session."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.semantify.add_character(mapper=mapper)
    bpy.ops.wm.read_factory_settings(use_empty=True)


def saved(folder: Path) -> int:
    """Bytes of the file as it is now."""
    path = folder / "crowd.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
    return path.stat().st_size


def copied(first: bpy.types.Object, count: int) -> float:
    """Seconds for so many plain copies, to the evaluated meshes."""
    start = time.perf_counter()
    for _ in range(count):
        copy = first.copy()
        copy.data = first.data.copy()
        bpy.context.scene.collection.objects.link(copy)
    bpy.context.view_layer.update()
    return time.perf_counter() - start


def measured(mapper: str, count: int, outfits: bool, folder: Path) -> tuple[str, ...]:
    """A row of the table."""
    empty(mapper)
    start = time.perf_counter()
    bpy.ops.semantify.crowd(mapper=mapper, count=count, outfits=outfits)
    bpy.context.view_layer.update()
    ours = time.perf_counter() - start
    materials, texts, size = len(bpy.data.materials), len(bpy.data.texts), saved(folder)
    bpy.ops.semantify.finish()
    plain = saved(folder)
    empty(mapper)
    bpy.ops.semantify.crowd(mapper=mapper, count=1)
    seconds = copied(bpy.context.object, count)
    bpy.data.objects.remove(bpy.context.object)
    bpy.data.orphans_purge()
    copies = saved(folder)
    figures = (f"{ours:.2f}", f"{seconds:.2f}", str(materials), str(texts))
    return (str(count), *figures, f"{size / 1e6:.1f}", f"{size / copies:.2f}", f"{size / plain:.2f}")


def main() -> None:
    """Measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mapper", default="anny-body-neutral")
    parser.add_argument("--people", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--random-clothes", action="store_true")
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    # Blender as a module may hang at exit with classes registered
    atexit.register(os._exit, 0)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(options.mapper, count, options.random_clothes, Path(folder)) for count in options.people]
    print("| people | s | s, plain copies | materials | Texts | MB | × plain copies | × plain meshes |")
    print("|" + "---:|" * 8)
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
