"""Blender's side: sidebar panel, operators and handlers that turn slider values into shape-key values.

Modules that need NumPy (`shape`, `embedding`, `character`, `catalogue`'s search) are imported on first use, so that
enabling the add-on stays cheap; the panel's first draw happens before any slider can be dragged.
"""

import bpy

from . import handlers, jobs, preferences, properties
from .operators import baking as baking_operators
from .operators import characters as operators
from .operators import crop as crop_operators
from .operators import fbx as fbx_operators
from .operators import file_handlers, picture_chooser
from .operators import files as file_operators
from .operators import fit as fit_operators
from .operators import jobs as job_operators
from .operators import overriding as overriding_operators
from .operators import own_keys as own_keys_operators
from .operators import refine as refine_operators
from .operators import removing as removing_operators
from .operators import set_up as set_up_operators
from .pictures import full_clip
from .pictures import preview as fit_preview
from .ui import fit_panel, menus, panels

CLASSES = (
    properties.SEMANTIFY_PG_slider,
    properties.SEMANTIFY_PG_key,
    properties.SEMANTIFY_PG_coefficient,
    properties.SEMANTIFY_PG_picture,
    properties.SEMANTIFY_PG_image,
    properties.SEMANTIFY_PG_character,
    properties.SEMANTIFY_PG_session,
    preferences.SEMANTIFY_AP_preferences,
    operators.SEMANTIFY_OT_add_character,
    operators.SEMANTIFY_OT_reset_slider,
    operators.SEMANTIFY_OT_reset_all,
    operators.SEMANTIFY_OT_randomize,
    operators.SEMANTIFY_OT_key_sliders,
    file_operators.SEMANTIFY_OT_open_mapper,
    file_operators.SEMANTIFY_OT_change_mapper,
    file_operators.SEMANTIFY_OT_locate_model,
    file_operators.SEMANTIFY_OT_refresh_mappers,
    baking_operators.SEMANTIFY_OT_bake,
    baking_operators.SEMANTIFY_OT_free_bake,
    overriding_operators.SEMANTIFY_OT_override_mesh,
    fbx_operators.SEMANTIFY_OT_export_fbx,
    own_keys_operators.SEMANTIFY_OT_export_keys_model,
    own_keys_operators.SEMANTIFY_OT_attach_mapper,
    own_keys_operators.SEMANTIFY_OT_detach,
    removing_operators.SEMANTIFY_OT_rebuild_keys,
    removing_operators.SEMANTIFY_OT_remove,
    job_operators.SEMANTIFY_OT_cancel_job,
    job_operators.SEMANTIFY_OT_open_log,
    picture_chooser.SEMANTIFY_OT_choose_picture,
    fit_operators.SEMANTIFY_OT_fit_image,
    fit_operators.SEMANTIFY_OT_clear_fit,
    refine_operators.SEMANTIFY_OT_refine_fit,
    set_up_operators.SEMANTIFY_OT_set_up_clip,
    crop_operators.SEMANTIFY_OT_crop_box,
    crop_operators.SEMANTIFY_OT_clear_crop,
    file_handlers.SEMANTIFY_FH_image,
    menus.SEMANTIFY_MT_add,
    menus.SEMANTIFY_MT_object,
    menus.SEMANTIFY_MT_image,
    panels.SEMANTIFY_PT_add,
    fit_panel.SEMANTIFY_PT_fit,
    fit_panel.SEMANTIFY_PT_fit_picture,
    fit_panel.SEMANTIFY_PT_image,
    panels.SEMANTIFY_PT_own_keys,
    panels.SEMANTIFY_PT_shape,
    panels.SEMANTIFY_PT_animation,
    panels.SEMANTIFY_PT_details,
)
"""In the order Blender must learn them: groups before those that point to them, panels before their sub-panels."""


def register() -> None:
    """Register classes, properties, handlers and menus."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Mesh.semantify = bpy.props.PointerProperty(
        type=properties.SEMANTIFY_PG_character, override=properties.OVERRIDABLE
    )
    bpy.types.Image.semantify = bpy.props.PointerProperty(
        type=properties.SEMANTIFY_PG_image, override=properties.OVERRIDABLE
    )
    bpy.types.WindowManager.semantify = bpy.props.PointerProperty(type=properties.SEMANTIFY_PG_session)
    menus.register()
    handlers.register()
    jobs.register()
    crop_operators.register()


def unregister() -> None:
    """Undo `register` in reverse order; characters keep their shape and their slider values in the file."""
    crop_operators.unregister()
    jobs.unregister()
    full_clip.close()
    fit_preview.unregister()
    handlers.unregister()
    menus.unregister()
    del bpy.types.WindowManager.semantify
    del bpy.types.Image.semantify
    del bpy.types.Mesh.semantify
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
