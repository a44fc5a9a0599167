"""Random things that people do to characters, one after the other; each operation is a method of `Operations`."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.blender.addon.expected_shape import BAKED, ExpectedShapes
from tests.blender.addon.random_scene import (
    FRAMES,
    NotNowError,
    characters,
    editable,
    is_character,
    is_driven,
    is_keyed,
    layers_of,
    local,
    make_files,
    need,
    own,
    play_baked,
    run,
    try_step,
    unbaked,
    unshared,
)
from tests.blender.addon_helpers import add, evaluated, forget_decoded, prepare_to_render
from tests.blender.keyed_mesh import keyed_head
from tests.blender.layer_helpers import HEADS
from tests.blender.tier import bpy

MOST = 6
"""Characters in the file; more would only cost time."""


class Operations:
    """One scene, its random numbers, and what can be done to it. `WEIGHTS` says how often.

    Every operation returns what it did in a few words, which with the seed is enough to do it again by hand.
    """

    WEIGHTS = {
        "slide": 12, "slide_any": 4, "reset": 2, "randomize": 3, "natural": 2, "lock": 2, "fit": 3, "fade": 3,
        "key": 6, "unkey": 2, "drive": 4, "undrive": 2, "move_empty": 6, "go": 6, "set_frame": 3, "render": 1,
        "add": 3, "head": 2, "duplicate": 6, "delete": 5, "purge": 1, "rename": 2,
        "mode": 4, "hide": 2, "exclude": 1, "undo": 6, "redo": 6,
        "save": 1, "reload": 3, "append": 3, "link": 5, "override": 6, "override_mesh": 6, "library_changes": 4,
        "make_local": 2, "bake": 3, "free": 3, "change_mapper": 2, "detach": 2, "lose_keys": 1, "lose_text": 1,
        "many": 4, "finish": 4, "rig": 4, "unrig": 2, "clothes": 6, "colour": 2, "add_layer": 6, "remove_layer": 2,
        "describe": 4, "preset": 4, "look": 3,
    }  # fmt: skip

    def __init__(self, seed: int, folder: Path, data: Path) -> None:
        self.rng = np.random.default_rng(seed)
        self.data, self.folder = data, folder
        self.path = str(folder / "scene.blend")
        self.library = folder / "library.blend"
        make_files(data, folder)
        self.expected = ExpectedShapes(data, folder)
        names = list(self.WEIGHTS)
        self.names, weights = names, np.array([self.WEIGHTS[name] for name in names], float)
        self.odds = weights / weights.sum()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.context.preferences.edit.use_global_undo = True
        cast = bpy.data.collections.new("Cast")
        bpy.context.scene.collection.children.link(cast)
        prepare_to_render(bpy.context.scene, 8)
        cast.objects.link(bpy.data.objects.new("Control", None))
        bpy.ops.ed.undo_push(message="start")

    def step(self) -> str:
        """Do one random operation that is possible now."""
        while True:
            name = str(self.rng.choice(self.names, p=self.odds))
            if bpy.context.mode != "OBJECT" and name not in ANYWHERE:
                continue
            operation: Callable[[], str] = getattr(self, name)
            try:
                did = operation()
            except NotNowError:
                continue
            if name not in ("undo", "redo", "reload", "save"):
                bpy.ops.ed.undo_push(message=name)
            return f"{name}: {did}"

    def worst(self) -> tuple[float, str]:
        """The largest error in metres of all characters that can be compared now, and whose it is."""
        bpy.context.view_layer.update()
        found = [(self.expected.error(obj), obj.name_full) for obj in self.compared()]
        return max([*found, *self.stray_bones()], default=(0.0, ""))

    def stray_bones(self) -> list[tuple[float, str]]:
        """How far each rig that says that it follows is from the joints of its character, metres."""
        from semantify_blender.addon.character import rigs, shape

        found = []
        for obj in self.compared():
            rig, skeleton = rigs.of_object(obj), rigs.skeleton_of(obj.data.semantify)
            asked = shape.asked(obj.data)
            if None in (rig, skeleton, asked) or obj.data.animation_data or obj.data.semantify.baked:
                continue
            if rigs.obstacle(rig, skeleton) is None:
                off = rigs.written(rig.data, skeleton) - skeleton.at(asked[""])
                found.append((float(np.abs(off).max()), rig.name_full))
        return found

    def compared(self) -> list[bpy.types.Object]:
        """Characters that are visible and not being edited: an evaluated mesh in Edit Mode shows the edit."""
        busy = {obj.data for obj in bpy.data.objects if obj.type == "MESH" and obj.mode != "OBJECT"}
        visible = [obj for obj in bpy.context.view_layer.objects if obj.visible_get()]
        return [obj for obj in visible if is_character(obj) and obj.data not in busy]

    # what operations work on

    def some(self, *conditions: Callable[[bpy.types.Object], bool]) -> bpy.types.Object:
        """A random visible character for which all conditions hold, made active and the only one selected."""
        found = [obj for obj in bpy.context.view_layer.objects if is_character(obj) and obj.visible_get()]
        found = sorted((obj for obj in found if all(holds(obj) for holds in conditions)), key=lambda o: o.name_full)
        need(found)
        obj = found[int(self.rng.integers(len(found)))]
        if bpy.context.mode == "OBJECT":
            for other in bpy.context.view_layer.objects:
                other.select_set(other == obj)
            bpy.context.view_layer.objects.active = obj
        return obj

    def layer(self, obj: bpy.types.Object) -> bpy.types.PropertyGroup:
        """Body, face or expression of a character."""
        found = layers_of(obj)
        return found[int(self.rng.integers(len(found)))]

    def slider(self, obj: bpy.types.Object) -> bpy.types.PropertyGroup:
        """One of any of its layers."""
        sliders = self.layer(obj).sliders
        return sliders[int(self.rng.integers(len(sliders)))]

    def value(self) -> float:
        return round(float(self.rng.uniform(-1, 1)), 3)

    # sliders

    def slide(self) -> str:
        obj = self.some(editable)
        slider, value = self.slider(obj), self.value()
        slider.value = value
        return f"{obj.name} {slider.path_from_id()} to {value}"

    def slide_any(self) -> str:
        """A script may set what the panel greys out: linked, baked."""
        obj = self.some()
        slider, value = self.slider(obj), self.value()
        slider.value = value
        return f"{obj.name_full} {slider.path_from_id()} to {value}"

    def reset(self) -> str:
        obj = self.some(editable)
        run(bpy.ops.semantify.reset_all)
        return obj.name

    def randomize(self) -> str:
        obj, seed = self.some(editable), int(self.rng.integers(1000))
        run(bpy.ops.semantify.randomize, seed=seed)
        return f"{obj.name} seed {seed}"

    def describe(self) -> str:
        obj, count = self.some(editable), int(self.rng.integers(3))
        slider = self.slider(obj)
        need(not slider.lock)
        more = self.rng.choice(["not fat", "a bit taller", "very smiling", "less muscular", "gruffalo"], count)
        text = ", ".join(map(str, (*more, slider.name)))
        run(bpy.ops.semantify.describe, text=text)
        return f"{obj.name} {text!r}"

    def many(self) -> str:
        """Several at once; those that cannot be changed are left."""
        self.some(editable)
        others = [obj for obj in bpy.context.view_layer.objects if is_character(obj) and obj.visible_get()]
        for obj in others:
            if self.rng.random() < 0.6:
                obj.select_set(True)
        names, seed = [obj.name_full for obj in bpy.context.selected_objects], int(self.rng.integers(1000))
        if self.rng.random() < 0.3:
            run(bpy.ops.semantify.reset_all)
            return f"reset {names}"
        run(bpy.ops.semantify.randomize, seed=seed)
        return f"randomize {names} seed {seed}"

    def preset(self) -> str:
        """The look of one on another, all of it or half way."""
        from semantify_blender.addon.character import looks

        source, path = self.some(editable), self.folder / "Look.json"
        preset = looks.taken(source.data, "Look")
        preset.save(path)
        target = self.some(editable)
        need(looks.subject(target.data) == preset.subject)
        names = source.name_full, target.name_full
        if self.rng.random() < 0.3:
            run(bpy.ops.semantify.mix_presets, second=str(path), factor=float(self.rng.random()))
            return f"half of {names[0]} on {names[1]}"
        run(bpy.ops.semantify.load_preset, preset=str(path))
        return f"look of {names[0]} on {names[1]}"

    def look(self) -> str:
        obj, back = self.some(editable), bool(self.rng.random() < 0.7)
        step = bpy.ops.semantify.look_back if back else bpy.ops.semantify.look_forward
        need(step.poll())
        run(step)
        return f"{obj.name} {'back' if back else 'forward'}"

    def natural(self) -> str:
        layer = self.layer(self.some(editable))
        layer.keep_natural = not layer.keep_natural
        return f"{layer.id_data.name} {layer.path_from_id()} {layer.keep_natural}"

    def lock(self) -> str:
        obj = self.some(editable)
        slider = self.slider(obj)
        slider.lock = not slider.lock
        return f"{obj.name} {slider.name} {slider.lock}"

    def fit(self) -> str:
        """What a fit leaves behind."""
        from semantify_blender.addon.character import shape

        obj = self.some(editable)
        layer = self.layer(obj)
        values = self.rng.uniform(-0.5, 0.5, layer.component_count)
        shape.set_offset(layer, None if self.rng.random() < 0.3 else values)
        shape.apply(obj.data)
        return f"{obj.name} {layer.path_from_id()} {values.round(3).tolist()}"

    def fade(self) -> str:
        obj = self.some(editable)
        layer, amount = self.layer(obj), round(self.rng.random(), 3)
        need(len(layer.offset))
        layer.offset_amount = amount
        return f"{obj.name} {layer.path_from_id()} {amount}"

    # animation

    def key(self) -> str:
        obj = self.some(editable)
        slider, value = self.slider(obj), self.value()
        path = f"{slider.path_from_id()}.value"
        # which of the two wins is Blender's affair, and not the same in all versions
        need(not is_driven(obj, path))
        slider.value = value
        slider.keyframe_insert("value")
        return f"{obj.name} {path} at {value}, frame {bpy.context.scene.frame_current}"

    def unkey(self) -> str:
        obj = self.some(editable, lambda obj: obj.data.animation_data is not None)
        obj.data.animation_data_clear()
        return obj.name

    def drive(self) -> str:
        obj = self.some(editable)
        path = f"{self.slider(obj).path_from_id()}.value"
        need(not is_keyed(obj, path))
        expression = str(self.rng.choice(["x", "frame / 12", str(self.value()), "x * frame / 8"]))
        driver = obj.data.driver_add(path).driver
        for variable in list(driver.variables):
            driver.variables.remove(variable)
        if "x" in expression:
            variable = driver.variables.new()
            variable.name, variable.type = "x", "TRANSFORMS"
            variable.targets[0].id, variable.targets[0].transform_type = bpy.data.objects["Control"], "LOC_X"
        driver.expression = expression
        return f"{obj.name} {path} by {expression}"

    def undrive(self) -> str:
        obj = self.some(editable, lambda obj: obj.data.animation_data is not None and obj.data.animation_data.drivers)
        path = obj.data.animation_data.drivers[0].data_path
        obj.data.driver_remove(path)
        # as the panel's menu does: in 4.2 a driver that a script removes goes on until the scene changes
        bpy.data.objects.remove(bpy.data.objects.new("Gone", None))
        return f"{obj.name} {path}"

    def move_empty(self) -> str:
        bpy.data.objects["Control"].location.x = x = self.value()
        return str(x)

    def go(self) -> str:
        frame = int(self.rng.integers(FRAMES[0], FRAMES[1] + 1))
        bpy.context.scene.frame_set(frame)
        return str(frame)

    def set_frame(self) -> str:
        bpy.context.scene.frame_current = frame = int(self.rng.integers(FRAMES[0], FRAMES[1] + 1))
        return str(frame)

    def render(self) -> str:
        """A still in the present mode; it is evaluated in a depsgraph of its own."""
        run(bpy.ops.render.render)
        return ""

    def bake(self) -> str:
        obj = self.some(editable, unshared, lambda obj: obj.data.override_library is None)
        run(bpy.ops.semantify.bake, frame_start=FRAMES[0], frame_end=FRAMES[1])
        scene, found = bpy.context.scene, []
        here = scene.frame_current
        for frame in range(FRAMES[0], FRAMES[1] + 1):
            scene.frame_set(frame)
            evaluated = obj.data.evaluated_get(bpy.context.evaluated_depsgraph_get())
            found.append(self.expected.layers(evaluated.semantify))
        scene.frame_set(here)
        obj.data[BAKED] = {name: np.stack([each[name] for each in found]).ravel().tolist() for name in found[0]}
        return obj.name

    def free(self) -> str:
        obj = self.some(own, lambda obj: obj.data.semantify.baked)
        run(bpy.ops.semantify.free_bake)
        return obj.name

    # objects

    def add(self) -> str:
        need(len(characters()) < MOST)
        name = str(self.rng.choice(["synthetic", "dressed", str(self.folder / "other.mapper.npz")]))
        return f"{add(name).name} by {Path(name).name}"

    def head(self) -> str:
        need(len(characters()) < MOST)
        obj = keyed_head()
        run(bpy.ops.semantify.attach_mapper, filepath=str(self.folder / "head.mapper.npz"))
        return obj.name

    def detach(self) -> str:
        obj = self.some(own, unbaked, lambda obj: len(obj.data.semantify.keys) and not obj.data.override_library)
        run(bpy.ops.semantify.detach)
        return obj.name

    def duplicate(self) -> str:
        need(len(characters()) < MOST)
        obj, linked = self.some(), bool(self.rng.integers(2))
        run(bpy.ops.object.duplicate, linked=linked)
        return f"{obj.name_full} as {bpy.context.object.name}{', linked' if linked else ''}"

    def delete(self) -> str:
        obj = self.some(lambda obj: obj.library is None)
        name = obj.name
        run(bpy.ops.object.delete)
        return name

    def purge(self) -> str:
        return str(bpy.data.orphans_purge(do_local_ids=True, do_linked_ids=True, do_recursive=True))

    def rename(self) -> str:
        obj = self.some(own, lambda obj: obj.library is None)
        obj.name, obj.data.name = f"Name {self.rng.integers(100)}", f"Mesh {self.rng.integers(100)}"
        return f"to {obj.name}, {obj.data.name}"

    def hide(self) -> str:
        objects = [obj for obj in bpy.context.view_layer.objects if is_character(obj) and obj.library is None]
        need(objects)
        obj = objects[int(self.rng.integers(len(objects)))]
        obj.hide_viewport = not obj.hide_viewport
        play_baked()
        return f"{obj.name} {obj.hide_viewport}"

    def exclude(self) -> str:
        children = bpy.context.view_layer.layer_collection.children
        need(children)
        children[0].exclude = not children[0].exclude
        play_baked()
        return f"{children[0].name} {children[0].exclude}"

    def mode(self) -> str:
        if bpy.context.mode != "OBJECT":
            run(bpy.ops.object.mode_set, mode="OBJECT")
            return "OBJECT"
        obj, mode = self.some(own, local), str(self.rng.choice(["EDIT", "SCULPT", "WEIGHT_PAINT"]))
        obj.active_shape_key_index = int(self.rng.integers(len(obj.data.shape_keys.key_blocks)))
        run(bpy.ops.object.mode_set, mode=mode)
        return f"{mode} {obj.name}, key {obj.active_shape_key_index}"

    def change_mapper(self) -> str:
        obj = self.some(editable, local, lambda obj: not len(obj.data.semantify.keys))
        mappers = [self.data / "mappers" / "synthetic.mapper.npz", self.folder / "other.mapper.npz"]
        path = mappers[int(self.rng.integers(2))]
        try:
            bpy.ops.semantify.change_mapper(filepath=str(path))
        except RuntimeError as error:
            # refused, and nothing may have changed
            if "animated by their number" in str(error):
                return f"{obj.name}: refused"
            raise
        return f"{obj.name} to {path.name}"

    def clothes(self) -> str:
        obj = self.some(editable, local, lambda obj: obj.data.semantify.outfit)
        outfit = str(self.rng.choice(["bare", "day"]))
        run(bpy.ops.semantify.change_clothes, outfit=outfit)
        return f"{obj.name} {outfit}"

    def rig(self) -> str:
        """An armature at rest moves nothing, wherever its bones are."""
        obj = self.some(editable, local, lambda obj: not len(obj.data.semantify.keys))
        run(bpy.ops.semantify.add_rig)
        return f"{obj.name} on {obj.parent.name}"

    def unrig(self) -> str:
        obj = self.some(editable, local, lambda obj: obj.parent is not None)
        run(bpy.ops.semantify.remove_rig)
        return obj.name

    def finish(self) -> str:
        """The finished mesh shows what the character showed, and is taken away; one that was kept is shown again."""
        obj = self.some(local)
        rig, clothes = (str(self.rng.choice(each)) for each in (("KEEP", "APPLY", "REMOVE"), ("JOINED", "SEPARATE")))
        keep, before = bool(self.rng.integers(2)), evaluated(obj)
        run(bpy.ops.semantify.finish, rig=rig, clothes=clothes, keep_copy=keep)
        made = [one for one in bpy.context.selected_objects if one.type == "MESH"]
        assert made
        assert not any(is_character(one) for one in made)
        if len(made) == 1:
            assert np.abs(evaluated(made[0]) - before).max() < 5e-5
        done = f"{obj.name} {rig} {clothes} {'kept' if keep else 'gone'} as {[one.name for one in made]}"
        hidden = (obj, obj.parent) if keep else ()
        armatures = {one.parent for one in made if one.parent is not None and one.parent.type == "ARMATURE"}
        for one in made:
            bpy.data.objects.remove(one)
        for one in armatures:
            if not one.children:
                bpy.data.objects.remove(one)
        for one in hidden:
            if one is not None:
                one.hide_set(False)
                one.hide_render = False
        return done

    def add_layer(self) -> str:
        obj = self.some(editable, local, lambda obj: not len(obj.data.semantify.keys))
        missing = [name for name in HEADS if not len(getattr(obj.data.semantify, name).sliders)]
        need(missing)
        name = missing[int(self.rng.integers(len(missing)))]
        run(bpy.ops.semantify.add_layer, mapper=str(self.folder / "mappers" / f"{name}.mapper.npz"))
        return f"{obj.name} {name}"

    def remove_layer(self) -> str:
        obj = self.some(editable, local, lambda obj: len(layers_of(obj)) > 1)
        name = layers_of(obj)[-1].path_from_id().rpartition(".")[2]
        run(bpy.ops.semantify.remove_layer, layer=name.upper())
        return f"{obj.name} {name}"

    def colour(self) -> str:
        obj = self.some(local)
        run(bpy.ops.semantify.skin_tone, step=int(self.rng.integers(1, 11)))
        return obj.name

    def lose_keys(self) -> str:
        obj = self.some(editable, unshared, local, lambda obj: not len(obj.data.semantify.keys))
        obj.shape_key_clear()
        run(bpy.ops.semantify.rebuild_keys)
        return obj.name

    def lose_text(self) -> str:
        need(len(bpy.data.texts))
        text = bpy.data.texts[int(self.rng.integers(len(bpy.data.texts)))]
        need(text.library is None)
        name = text.name
        bpy.data.texts.remove(text)
        return name

    # files

    def undo(self) -> str:
        return try_step(bpy.ops.ed.undo)

    def redo(self) -> str:
        return try_step(bpy.ops.ed.redo)

    def save(self) -> str:
        bpy.ops.wm.save_as_mainfile(filepath=self.path)
        return ""

    def reload(self) -> str:
        """Save and open, as in another session: no mapper and no model is known yet."""
        bpy.ops.wm.save_as_mainfile(filepath=self.path)
        forget_decoded()
        bpy.ops.wm.open_mainfile(filepath=self.path)
        bpy.context.preferences.edit.use_global_undo = True
        bpy.ops.ed.undo_push(message="start")
        return ""

    def append(self) -> str:
        return self.bring(link=False)

    def link(self) -> str:
        return self.bring(link=True)

    def bring(self, link: bool) -> str:
        need(len(characters()) < MOST)
        name = str(self.rng.choice(["Plain", "Keyed", "Driven"]))
        need(not (link and any(obj.library and obj.name == name for obj in bpy.data.objects)))
        with bpy.data.libraries.load(str(self.library), link=link) as (_, here):
            here.objects = [name]
        bpy.data.collections["Cast"].objects.link(here.objects[0])
        return here.objects[0].name_full

    def override(self) -> str:
        obj = self.some(lambda obj: obj.library is not None)
        made = obj.override_create(remap_local_usages=True)
        return made.name_full

    def override_mesh(self) -> str:
        obj = self.some(lambda obj: obj.library is None and obj.data.library is not None)
        run(bpy.ops.semantify.override_mesh)
        return obj.name

    def make_local(self) -> str:
        obj = self.some(lambda obj: obj.library is not None or obj.data.library is not None)
        overrides = (data.override_library for data in (*bpy.data.objects, *bpy.data.meshes) if data.override_library)
        # Blender itself refuses to save overrides of what is not linked
        need(not any(override.reference in (obj, obj.data) for override in overrides))
        run(bpy.ops.object.make_local, type="SELECT_OBDATA")
        return obj.name

    def library_changes(self) -> str:
        """Another artist saved the library, and it is reloaded here."""
        libraries = [each for each in bpy.data.libraries if Path(bpy.path.abspath(each.filepath)) == self.library]
        need(libraries)
        which = int(self.rng.integers(2))
        shutil.copy(self.folder / f"library-{which}.blend", self.library)
        libraries[0].reload()
        return str(which)


ANYWHERE = frozenset({"slide", "move_empty", "go", "set_frame", "undo", "redo", "mode", "key", "natural", "lock"})
"""What can be done in any mode."""
