"""Draw the first picture of README: people whom the add-on made, by sliders, clothes and colours of its panel.

    python scripts/figures/people.py people.png [--width 1600] [--samples 48]

Shapes, clothes and materials are those that a user gets; poses are of `core.model.random_poses`.
"""

from __future__ import annotations

import argparse
import atexit
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import semantify_blender
from semantify_blender.cli.rendering import leave
from semantify_blender.core.colour import Colour, from_hex, linear_rgba
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import lively_pose
from semantify_blender.rendering.stage.still import output_to, render_still

WALL = from_hex("#D9D4CC")
APART = 0.74
"""Metres from one person to the next."""


@dataclass(frozen=True)
class Person:
    """sliders: word -> −1..1. tone: of the Monk scale. pose: kind and seed. facing: degrees to the picture's right."""

    mapper: str
    sliders: Mapping[str, float]
    outfit: str
    tone: int
    pose: tuple[str, int]
    colours: Mapping[str, Colour] = field(default_factory=dict)
    facing: float = 0.0


PEOPLE = (
    Person(
        "anny-body-male", {"muscular": 0.9, "tall": 0.4, "broad shoulders": 0.5}, "sportswear", 7, ("standing", 115),
        {"hair": from_hex("#14100E"), "iris": from_hex("#3B2414"), "top": from_hex("#C8553D"),
         "shorts": from_hex("#23262B")}, 12,
    ),
    Person(
        "anny-body-female", {"curvy": 0.7, "fat": 0.15, "tall": -0.2}, "dress", 5, ("standing", 41),
        {"hair": from_hex("#6B3A1E"), "iris": from_hex("#4F7A5A"), "dress": from_hex("#2E6B66")}, 6,
    ),
    Person(
        "anny-body-male", {"fat": 0.9, "tall": -0.1}, "casual", 6, ("standing", 27),
        {"hair": from_hex("#2B2019"), "top": from_hex("#E0B04A"), "trousers": from_hex("#3D4A63")}, 0,
    ),
    Person(
        "anny-body-female", {"muscular": 0.8, "tall": 0.5, "long legs": 0.4, "fat": -0.3}, "sportswear", 8,
        ("walking", 64),
        {"hair": from_hex("#0F0C0B"), "iris": from_hex("#2A180E"), "top": from_hex("#7A4E9B"),
         "shorts": from_hex("#22202B")}, -4,
    ),
    Person(
        "anny-body-neutral", {"old": 0.9, "tall": -0.3, "feminine": -0.3, "fat": 0.1}, "smart", 4, ("standing", 83),
        {"hair": from_hex("#A9A39B"), "brows": from_hex("#8B857D"), "iris": from_hex("#6C8CA8"),
         "top": from_hex("#8FA3AD"), "trousers": from_hex("#54606B")}, -8,
    ),
    Person(
        "anny-body-female", {"tall": -0.6, "fat": -0.5}, "skirt", 5, ("walking", 119),
        {"hair": from_hex("#C79A5A"), "top": from_hex("#E8E2D4"), "skirt": from_hex("#9B3B4A")}, -14,
    ),
)  # fmt: skip


def add(person: Person, place: float) -> bpy.types.Object:
    """The character, posed, with its soles on the floor. place: metres along X."""
    from semantify_blender.addon.character import clothing, colours, layers, models, shape

    bpy.ops.semantify.add_character(mapper=person.mapper)
    obj = bpy.context.view_layer.objects.active
    mesh = obj.data
    for word, value in person.sliders.items():
        mesh.semantify.sliders[word].value = value
    clothing.change(mesh, person.outfit)
    bpy.ops.semantify.skin_tone(step=person.tone)
    for region, colour in person.colours.items():
        colours.set_colour(mesh, region, colour)
    dressed = models.require_model(mesh.semantify).dressed(person.outfit).model
    found = shape.asked(mesh)
    rig = Rig.of(dressed)
    if found is None or rig is None:
        raise SystemExit(f"people: {person.mapper} has no mapper or no rig: make models first")
    kind, seed = person.pose
    posed = rig.pose(dressed.vertices(found[layers.BODY]), lively_pose(np.random.default_rng(seed), kind))
    posed[:, 2] -= posed[:, 2].min()
    obj.shape_key_clear()
    mesh.vertices.foreach_set("co", posed.ravel())
    mesh.update()
    obj.location = (place, 0.0, 0.0)
    obj.rotation_euler = (0.0, 0.0, math.radians(person.facing))
    return obj


def studio(scene: bpy.types.Scene) -> None:
    """A floor that becomes a wall in a wide bend, a large soft light, a fill, and a rim from behind."""
    steps = [(-4.0, 0.0), (2.0, 0.0)]
    steps += [(2.0 + 1.5 * math.sin(a), 1.5 - 1.5 * math.cos(a)) for a in np.linspace(0.1, math.pi / 2, 16).tolist()]
    steps.append((3.5, 8.0))
    corners = [(x, y, z) for y, z in steps for x in (-12.0, 12.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(steps) - 1)]
    mesh = bpy.data.meshes.new("wall")
    mesh.from_pydata(corners, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    material = bpy.data.materials.new("wall")
    if not material.node_tree:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = linear_rgba(WALL)
    shader.inputs["Roughness"].default_value = 0.9
    mesh.materials.append(material)
    scene.collection.objects.link(bpy.data.objects.new("wall", mesh))
    for name, energy, size, place, colour in (
        ("key", 230.0, 3.0, (-3.5, -4.5, 4.2), (1.0, 0.95, 0.9)),
        ("fill", 60.0, 5.0, (4.5, -4.0, 2.2), (0.88, 0.94, 1.0)),
        ("rim", 150.0, 2.0, (2.0, 2.2, 4.4), (1.0, 1.0, 1.0)),
    ):
        light = bpy.data.lights.new(name, "AREA")
        light.energy, light.size, light.color = energy, size, colour
        obj = bpy.data.objects.new(name, light)
        obj.location = place
        obj.rotation_euler = _towards(place, (0.0, 0.0, 1.0))
        scene.collection.objects.link(obj)
    world = bpy.data.worlds.new("studio")
    if not world.node_tree:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (0.75, 0.78, 0.82, 1.0)
    background.inputs["Strength"].default_value = 0.22
    scene.world = world


def _towards(place: tuple[float, float, float], target: tuple[float, float, float]) -> tuple[float, float, float]:
    from mathutils import Vector

    turned = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    return turned.x, turned.y, turned.z


def camera(scene: bpy.types.Scene, wide: float) -> None:
    """One that sees so many metres at the place of the people, from the height of their chests."""
    lens = bpy.data.cameras.new("camera")
    lens.lens, lens.sensor_width = 70.0, 36.0
    away = wide * lens.lens / lens.sensor_width
    obj = bpy.data.objects.new("camera", lens)
    obj.location = (0.0, -away, 1.25)
    obj.rotation_euler = _towards((0.0, -away, 1.25), (0.0, 0.0, 0.93))
    scene.collection.objects.link(obj)
    scene.camera = obj


def main() -> None:
    """Make the people, light them, draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=1600)
    parser.add_argument("--samples", type=int, default=48)
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    atexit.register(semantify_blender.unregister)
    scene = bpy.context.scene
    for number, person in enumerate(PEOPLE):
        add(person, APART * (number - (len(PEOPLE) - 1) / 2))
    studio(scene)
    wide = APART * len(PEOPLE) + 0.3
    camera(scene, wide)
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = options.samples, True
    scene.render.resolution_x, scene.render.resolution_y = options.width, round(options.width * 2.15 / wide)
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with write_aside(options.out) as aside:
        drawn = aside.with_name(f"{aside.name}.png")
        output_to(scene, drawn)
        render_still(scene, drawn)
        drawn.replace(aside)
    print(f"{options.out}: {options.out.stat().st_size / 1e3:.0f} kB", flush=True)
    leave(0)  # some bpy builds hang in their own exit code


if __name__ == "__main__":
    main()
