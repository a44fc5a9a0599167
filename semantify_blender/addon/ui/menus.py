"""Menus, through which F3 finds the operators too: Blender searches what is in menus only."""

import bpy

from .. import catalogue
from ..pictures.crop_box import shown_image

OBJECT = (
    (
        "semantify.fit_image",
        "semantify.refine_fit",
        "semantify.clear_fit",
        "semantify.open_crop",
        "semantify.crop_face",
    ),
    ("semantify.crowd",),
    ("semantify.describe", "semantify.reset_all", "semantify.randomize", "semantify.variants"),
    (
        "semantify.load_preset",
        "semantify.save_preset",
        "semantify.mix_presets",
        "semantify.rename_preset",
        "semantify.delete_preset",
        "semantify.mark_asset",
    ),
    ("semantify.look_back", "semantify.look_forward"),
    ("semantify.change_clothes", "semantify.skin_tone", "semantify.coat", "semantify.draw_colours"),
    (
        "semantify.add_rig",
        "semantify.generate_rig",
        "semantify.pose_rig",
        "semantify.follow_shape",
        "semantify.remove_rig",
    ),
    ("SEMANTIFY_MT_layers",),
    ("semantify.key_sliders", "semantify.bake", "semantify.free_bake"),
    ("semantify.finish", "semantify.export_glb", "semantify.export_fbx", "semantify.share_page"),
    ("semantify.change_mapper", "semantify.open_mapper", "semantify.locate_model", "semantify.refresh_mappers"),
    ("semantify.export_keys_model", "semantify.attach_mapper", "semantify.detach"),
    ("semantify.override_mesh", "semantify.rebuild_keys", "semantify.remove"),
    ("semantify.train_mapper", "semantify.training_result"),
    ("semantify.set_up_clip", "semantify.cancel_job", "semantify.open_log"),
)
"""Operators and menus of the menu Object > Semantify, between separators."""
TEXTS = {"semantify.remove": "Remove, Keep Shape"}
"""Its label in the panel would be the first that F3 offers for the word Semantify."""


class SEMANTIFY_MT_add(bpy.types.Menu):
    """Mappers to add a character from."""

    bl_label = "Semantify Character"

    def draw(self, context: bpy.types.Context) -> None:
        for name in catalogue.mappers():
            self.layout.operator("semantify.add_character", text=catalogue.title(name)).mapper = name
        self.layout.separator()
        self.layout.operator_context = "INVOKE_DEFAULT"
        self.layout.operator("semantify.crowd", icon="COMMUNITY")


class SEMANTIFY_MT_object(bpy.types.Menu):
    """All that can be done with a character."""

    bl_label = "Semantify"

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.operator_context = "INVOKE_DEFAULT"
        for i, names in enumerate(OBJECT):
            if i:
                self.layout.separator()
            for name in names:
                if name.startswith("SEMANTIFY_MT_"):
                    self.layout.menu(name)
                    continue
                self.layout.operator(name, **({"text": TEXTS[name]} if name in TEXTS else {}))


class SEMANTIFY_MT_image(bpy.types.Menu):
    """The crop box of the image that the editor shows, and the fit to it."""

    bl_label = "Semantify"

    def draw(self, context: bpy.types.Context) -> None:
        layout, image = self.layout, shown_image(context)
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("semantify.crop_box")
        layout.operator("semantify.clear_crop")
        if image is not None:
            layout.operator("semantify.fit_image").image = image.name


def _draw_add(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    menu.layout.menu("SEMANTIFY_MT_add", icon="USER")


def _draw_object(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.menu("SEMANTIFY_MT_object", icon="USER")


def _draw_image(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.menu("SEMANTIFY_MT_image", icon="USER")


ENTRIES = (
    ("VIEW3D_MT_add", _draw_add),
    ("VIEW3D_MT_object", _draw_object),
    ("VIEW3D_MT_pose", _draw_object),
    ("IMAGE_MT_image", _draw_image),
)


def register() -> None:
    """Add the entries to Blender's menus."""
    for menu, draw in ENTRIES:
        getattr(bpy.types, menu).append(draw)


def unregister() -> None:
    """Take them away again."""
    for menu, draw in ENTRIES:
        getattr(bpy.types, menu).remove(draw)
