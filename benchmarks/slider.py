"""How long one slider change takes in Blender, from the callback to the evaluated mesh, beside other ways; and a frame.

    python benchmarks/slider.py [--mapper NAME_OR_FILE] [--changes 200] [--own-keys 52] [--frames 60]

The ways take turns on the same values, a drag of ten changes each, so that other load on the machine hits all alike:
the live key (the add-on) with the model's components and with its first ten, one shape key a component with either, the
same mesh with dozens of shape keys of its own (a mapper attached), rewriting all positions with foreach_set, and a
Python loop over the vertices. Then a frame of keyed characters beside shape keys with keyframes, and what our handler
costs at an update of the scene that is none of its business: an object is moved, or a slider is dragged whose character
is neither keyed nor driven.
"""

from __future__ import annotations

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
from typing import TYPE_CHECKING

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import semantify_blender

if TYPE_CHECKING:
    from semantify_blender.core.mapper import Mapper
    from semantify_blender.core.model.morphable_model import MorphableModel

FEW = 10
"""Components of the paper's models, and of the keys that they would be."""
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
    trained = embedding.require_mapper(source.data.semantify)
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
        inside=None,
        limits=model.ranges,
        keys=KeySet.of(model.metadata),
    )
    path = folder / "own.mapper.npz"
    mapper.save(path)
    attaching.attach(obj, path)
    return obj


def first_components(folder: Path, model: MorphableModel, trained: Mapper, count: int) -> Path:
    """A mapper file beside the model with its first components alone, in the same clothes."""
    name = f"{model.name}-{count}"
    parts = {
        part: replace(cloth, basis=cloth.basis[:count], rig_index=None, rig_weights=None)
        for part, cloth in model.parts.items()
    }
    less = replace(
        model,
        name=name,
        basis=model.basis[:count],
        standard_deviations=model.standard_deviations[:count],
        ranges=None if model.ranges is None else model.ranges[:count],
        parts=parts,
        extra={},
        population=None,
    )
    weight, bias = trained.layers[-1]
    inside = trained.inside
    mapper = replace(
        trained,
        layers=(*trained.layers[:-1], (weight[:count], bias[:count])),
        coefficient_mean=trained.coefficient_mean[:count],
        coefficient_scale=trained.coefficient_scale[:count],
        limits=None if trained.limits is None else trained.limits[:count],
        inside=inside and replace(inside, mean=inside.mean[:count], covariance=inside.covariance[:count, :count]),
        model_name=name,
        model_checksum=less.checksum,
    )
    less.save(folder / f"{name}.model.npz")
    mapper.save(folder / f"{name}.mapper.npz")
    return folder / f"{name}.mapper.npz"


def with_keys(source: bpy.types.Object) -> bpy.types.Object:
    """The character with one shape key a component, whose values its sliders move, in place of the live key."""
    from semantify_blender.addon.character import displacement, layers

    obj = plain_copy(source)
    rest = np.empty(3 * len(obj.data.vertices), np.float32)
    obj.data.vertices.foreach_get("co", rest)
    obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    for k, offset in enumerate(displacement.require_directions(source.data, layers.BODY)):
        key = obj.shape_key_add(name=f"key {k}", from_mix=False)
        key.slider_min, key.slider_max, key.value = -10, 10, 0
        key.points.foreach_set("co", rest + offset)
        obj.data.semantify.keys.add().name = key.name
    return obj


def frame_times(source: bpy.types.Object, counts: list[int], frames: int) -> list[tuple[int, list[float], list[float]]]:
    """(characters, milliseconds of each frame with all their sliders keyed, with keyed shape keys in their place).

    The two stand in scenes of their own and take turns.
    """
    from semantify_blender.addon import handlers

    keyed = with_keys(source)
    keyed.data.property_unset("semantify")
    rng = np.random.default_rng(1)
    found = []
    for count in counts:
        scenes = {}
        for ours in (True, False):
            scene = bpy.data.scenes.new("Ours" if ours else "Plain")
            for _ in range(count):
                obj = (source if ours else keyed).copy()
                obj.data = obj.data.copy()
                scene.collection.objects.link(obj)
                for frame in (1, frames // 2, frames):
                    if ours:
                        for slider in obj.data.semantify.sliders:
                            slider.value = rng.uniform(-1, 1)
                            slider.keyframe_insert("value", frame=frame)
                    else:
                        for key in list(obj.data.shape_keys.key_blocks)[1:]:
                            key.value = rng.uniform(-1, 1)
                            key.keyframe_insert("value", frame=frame)
            scenes[ours] = scene
        times: dict[bool, list[float]] = {True: [], False: []}
        for frame in range(1, frames + 1):
            for ours, scene in scenes.items():
                if not ours:
                    # they go over all characters of the file, whatever scene they are in
                    handlers.unregister()
                layer = scene.view_layers[0]
                start = time.perf_counter()
                scene.frame_set(frame)
                for obj in scene.objects:
                    _ = obj.evaluated_get(layer.depsgraph).data.vertices[0].co
                times[ours].append((time.perf_counter() - start) * 1e3)
                if not ours:
                    handlers.register()
        found.append((count, times[True], times[False]))
        for scene in scenes.values():
            for obj in list(scene.objects):
                bpy.data.meshes.remove(obj.data)
            bpy.data.scenes.remove(scene)
    return found


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


def settle(obj: bpy.types.Object) -> None:
    """Evaluate, and touch the evaluated mesh as the viewport would."""
    bpy.context.view_layer.update()
    _ = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices[0].co


def way_of_sliders(obj: bpy.types.Object) -> Callable[[int, float], None]:
    """What a drag does."""

    def change(slider: int, value: float) -> None:
        obj.data.semantify.sliders[slider].value = value
        settle(obj)

    return change


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mapper", default="anny-body-neutral", help="name or file; its model must be at hand")
    parser.add_argument("--changes", type=int, default=200, help="slider changes to time for each way")
    parser.add_argument("--model-folder", type=Path, help="where the model file is, when not embedded")
    parser.add_argument("--own-keys", type=int, default=52, help="keys of the mesh with shape keys of its own")
    parser.add_argument("--others", type=int, default=20, help="other characters in the file while handlers are timed")
    parser.add_argument("--frames", type=int, default=60, help="frames of keyed characters to time; 0 for none")
    arguments = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else None)

    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    atexit.register(semantify_blender.unregister)
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.character import building, embedding, shape

    path = catalogue.resolve(arguments.mapper)
    if arguments.model_folder:
        mapper = embedding.load_file(path)[0]
        catalogue.locate_model(arguments.model_folder / f"{mapper.model_name}.model.npz", mapper)
    ours = building.add_character(bpy.context, path)
    mesh, state = ours.data, ours.data.semantify
    mapper = embedding.require_mapper(mesh.semantify)
    model = catalogue.load_model(mapper, path)
    shown = model.dressed(state.outfit or None).model
    rewritten, looped = plain_copy(ours), plain_copy(ours)

    def vertices() -> np.ndarray:
        return shown.vertices(mapper.coefficients(shape.scores(mapper, state)))

    with tempfile.TemporaryDirectory() as folder:
        keyed = with_own_keys(ours, arguments.own_keys, Path(folder))
        few = min(FEW, model.component_count)
        less = building.add_character(bpy.context, first_components(Path(folder), model, mapper, few))
    counted, counted_less = with_keys(ours), with_keys(less)

    def rewrite(slider: int, value: float) -> None:
        state.sliders[slider].value = value
        rewritten.data.attributes["position"].data.foreach_set("vector", vertices().ravel())
        rewritten.data.update()
        settle(rewritten)

    def loop(slider: int, value: float) -> None:
        for vertex, co in zip(looped.data.vertices, vertices().tolist(), strict=True):
            vertex.co = co
        looped.data.update()
        settle(looped)

    components = state.component_count
    live, live_less = f"live key, {components} components", f"live key, first {few} alone"
    all_keys, few_keys = f"{components} shape keys", f"first {few} shape keys"
    ways: dict[str, Callable[[int, float], None]] = {
        live: way_of_sliders(ours),
        live_less: way_of_sliders(less),
        all_keys: way_of_sliders(counted),
        few_keys: way_of_sliders(counted_less),
        f"{arguments.own_keys} keys of its own": way_of_sliders(keyed),
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
    print(f"{components} components, {arguments.changes} changes each")
    print(f"{'':26}{'median ms':>10}{'p10 ms':>9}{'p95 ms':>9}{'ratio':>8}")
    medians = {name: statistics.median(values) for name, values in times.items()}
    # where other programs take the processors, the quickest tenth is that without them
    tenths = {name: float(np.percentile(values, 10)) for name, values in times.items()}
    for name, values in times.items():
        ratio = medians[name] / medians[live]
        print(f"{name:26}{medians[name]:10.3f}{tenths[name]:9.3f}{float(np.percentile(values, 95)):9.3f}{ratio:8.2f}")
    for other in (few_keys, all_keys):
        median, tenth = (found[live] / found[other] for found in (medians, tenths))
        print(f"{live} to {other}: {median:.2f} of medians, {tenth:.2f} of p10")
    for obj in (less, keyed, counted, counted_less, rewritten, looped):
        bpy.data.meshes.remove(obj.data)
    if arguments.frames:
        print(f"\nA frame with every slider keyed, beside {components} keyed shape keys")
        print(f"{'characters':26}{'median ms':>10}{'keys ms':>9}{'ratio':>8}{'of p10':>8}")
        for count, here, there in frame_times(ours, [1, 5, 20], arguments.frames):
            ratios = [float(np.percentile(here, part) / np.percentile(there, part)) for part in (50, 10)]
            print(f"{count:<26}{statistics.median(here):10.3f}{statistics.median(there):9.3f}", end="")
            print("".join(f"{ratio:8.2f}" for ratio in ratios))
    print(f"\nOur handler at one update, {arguments.others} more characters in the file, none keyed or driven")
    for name, values in handler_times(ours, arguments.others, arguments.changes).items():
        print(f"{name:26}{statistics.median(values):10.4f}{float(np.percentile(values, 95)):9.4f}")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # bpy 4.2 as a module crashes while Python shuts down once any property had an update callback
    os._exit(code)
