"""How long one slider change takes in Blender, from the callback to the evaluated mesh, beside two other ways.

    python benchmarks/slider.py [--mapper NAME_OR_FILE] [--changes 200] [--own-keys 52]

The ways take turns on the same values, a drag of ten changes each, so that other load on the machine hits all alike:
shape keys (the add-on), the same mesh with dozens of shape keys of its own (a mapper attached), rewriting all positions
with foreach_set, and a Python loop over the vertices. Then what our handler costs at an update of the scene that is
none of its business: an object is moved, or a slider is dragged whose character is neither keyed nor driven.
"""

import argparse
import atexit
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import semantify_blender

DRAG = 10
"""Changes in a row of one way: a drag finds its own data in the processor's cache, as here."""


def plain_copy(source: bpy.types.Object) -> bpy.types.Object:
    """The character's template as a mesh without shape keys."""
    mesh = source.data.copy()
    obj = bpy.data.objects.new("Plain", mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.shape_key_clear()
    return obj


def with_own_keys(source: bpy.types.Object, count: int, folder: Path) -> bpy.types.Object:
    """The character's template with `count` shape keys of its own, and a mapper with a full-size network on them.

    Every key moves a twentieth of the vertices, and about one in ten moves with a slider, as trained mappers have it.
    """
    from semantify_blender.addon.character import embedding
    from semantify_blender.addon.own_keys import attaching
    from semantify_blender.blender.shape_keys.model import model_of
    from semantify_blender.core.model.key_set import KeySet

    obj = plain_copy(source)
    co = np.empty(3 * len(obj.data.vertices), np.float32)
    obj.data.vertices.foreach_get("co", co)
    rng = np.random.default_rng(0)
    obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    for k in range(count):
        key = obj.shape_key_add(name=f"key {k}", from_mix=False)
        key.value = 0.0
        moved = co.reshape(-1, 3).copy()
        rows = rng.integers(len(moved)) + np.arange(len(moved) // 20)
        moved[rows % len(moved)] += rng.normal(0, 0.01, 3).astype(np.float32)
        key.points.foreach_set("co", moved.ravel())
    model = model_of(obj).model
    trained = embedding.require_mapper(source.data)
    widths = [len(trained.descriptors), 500, 800, model.component_count]
    layers = [
        (rng.normal(0, a**-0.5, (b, a)).astype(np.float32), np.zeros(b, np.float32))
        for a, b in itertools.pairwise(widths)
    ]
    mapper = replace(
        trained,
        layers=tuple(layers),
        coefficient_mean=np.where(rng.random(widths[-1]) < 0.1, 0.5, -0.6).astype(np.float32),
        coefficient_scale=np.full(widths[-1], 0.2, np.float32),
        model_name=model.name,
        model_checksum=model.checksum,
        bound=None,
        limits=model.ranges,
        keys=KeySet.of(model.metadata),
    )
    path = folder / "own.mapper.npz"
    mapper.save(path)
    attaching.attach(obj, path)
    return obj


def handler_times(obj: bpy.types.Object, others: int, changes: int) -> dict[str, list[float]]:
    """Milliseconds in our handler at every update of a scene with that many more characters, none keyed or driven."""
    from semantify_blender.addon import handlers

    scene, layer = bpy.context.scene, bpy.context.view_layer
    for _ in range(others):
        other = obj.copy()
        other.data = obj.data.copy()
        # in the file, and its mesh in the list that the handler goes over, without the time to evaluate it
        other.data.use_fake_user = True
        bpy.data.objects.remove(other)
    empty = bpy.data.objects.new("Empty", None)
    scene.collection.objects.link(empty)
    layer.update()
    times: list[float] = []

    def timed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
        start = time.perf_counter()
        handlers.follow_update(scene, depsgraph)
        times.append((time.perf_counter() - start) * 1e3)

    def moved(i: int) -> None:
        empty.location.x = i

    def dragged(i: int) -> None:
        obj.data.semantify.sliders[0].value = i % 7 / 7

    found = {}
    bpy.app.handlers.depsgraph_update_post.remove(handlers.follow_update)
    bpy.app.handlers.depsgraph_update_post.append(timed)
    for name, change in (("an object is moved", moved), ("a slider is dragged", dragged)):
        times.clear()
        for i in range(changes):
            change(i)
            layer.update()
        found[name] = list(times)
    bpy.app.handlers.depsgraph_update_post.remove(timed)
    bpy.app.handlers.depsgraph_update_post.append(handlers.follow_update)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mapper", default="anny-body-neutral", help="name or file; its model must be at hand")
    parser.add_argument("--changes", type=int, default=200, help="slider changes to time for each way")
    parser.add_argument("--model-folder", type=Path, help="where the model file is, when not embedded")
    parser.add_argument("--own-keys", type=int, default=52, help="keys of the mesh with shape keys of its own")
    parser.add_argument("--others", type=int, default=20, help="other characters in the file while handlers are timed")
    arguments = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else None)

    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    atexit.register(semantify_blender.unregister)
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.character import building, embedding, shape
    from semantify_blender.core.model.morphable_model import MorphableModel

    path = catalogue.resolve(arguments.mapper)
    if arguments.model_folder:
        mapper = embedding.load_file(path)[0]
        catalogue.locate_model(arguments.model_folder / f"{mapper.model_name}.model.npz", mapper)
    ours = building.add_character(bpy.context, path)
    mesh, state = ours.data, ours.data.semantify
    mapper = embedding.require_mapper(mesh)
    model: MorphableModel = catalogue.load_model(mapper, path)
    rewritten, looped = plain_copy(ours), plain_copy(ours)
    layer = bpy.context.view_layer

    def settle(obj: bpy.types.Object) -> None:
        """Evaluate, and touch the evaluated mesh as the viewport would."""
        layer.update()
        _ = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices[0].co

    def vertices() -> np.ndarray:
        return model.vertices(mapper.coefficients(shape.scores(mapper, state)))

    def shape_keys(slider: int, value: float) -> None:
        state.sliders[slider].value = value
        settle(ours)

    with tempfile.TemporaryDirectory() as folder:
        keyed = with_own_keys(ours, arguments.own_keys, Path(folder))
    own_name = f"{arguments.own_keys} keys of its own"

    def own(slider: int, value: float) -> None:
        keyed.data.semantify.sliders[slider].value = value
        settle(keyed)

    def rewrite(slider: int, value: float) -> None:
        rewritten.data.attributes["position"].data.foreach_set("vector", vertices().ravel())
        rewritten.data.update()
        settle(rewritten)

    def loop(slider: int, value: float) -> None:
        for vertex, co in zip(looped.data.vertices, vertices().tolist(), strict=True):
            vertex.co = co
        looped.data.update()
        settle(looped)

    ways: dict[str, Callable[[int, float], None]] = {
        "shape keys (the add-on)": shape_keys,
        own_name: own,
        "rewriting positions": rewrite,
        "per-vertex Python loop": loop,
    }
    rng = np.random.default_rng(0)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(max(1, arguments.changes // DRAG)):
        slider = int(rng.integers(len(state.sliders)))
        drag = rng.uniform(-1, 1, DRAG).tolist()
        for name, way in ways.items():
            for value in drag:
                start = time.perf_counter()
                way(slider, value)
                times[name].append((time.perf_counter() - start) * 1e3)

    print(f"\nBlender {bpy.app.version_string}, {len(mesh.vertices)} vertices, {len(state.sliders)} sliders, ", end="")
    print(f"{state.component_count} components, {arguments.changes} changes each")
    print(f"{'':26}{'median ms':>10}{'p95 ms':>9}{'ratio':>8}")
    ours_median = statistics.median(times["shape keys (the add-on)"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:26}{median:10.3f}{float(np.percentile(values, 95)):9.3f}{median / ours_median:8.2f}")
    print(f"\nOur handler at one update, {arguments.others} more characters in the file, none keyed or driven")
    for name, values in handler_times(ours, arguments.others, arguments.changes).items():
        print(f"{name:26}{statistics.median(values):10.4f}{float(np.percentile(values, 95)):9.4f}")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # bpy 4.2 as a module crashes while Python shuts down once any property had an update callback
    os._exit(code)
