"""Drawing: panels, menus, words and boxes. Reads state, changes nothing."""

from . import (
    add_panel,
    animation_panel,
    details_panel,
    dropping,
    fit_panel,
    image_panel,
    layers,
    looks_panel,
    menus,
    own_keys_panel,
    rig_panel,
    shape_panel,
)

CLASSES = (
    dropping.SEMANTIFY_FH_image,
    menus.SEMANTIFY_MT_add,
    layers.SEMANTIFY_MT_face,
    layers.SEMANTIFY_MT_expression,
    layers.SEMANTIFY_MT_layers,
    menus.SEMANTIFY_MT_object,
    menus.SEMANTIFY_MT_image,
    looks_panel.SEMANTIFY_MT_clothes,
    looks_panel.SEMANTIFY_MT_coats,
    add_panel.SEMANTIFY_PT_add,
    fit_panel.SEMANTIFY_PT_fit,
    fit_panel.SEMANTIFY_PT_fit_measured,
    fit_panel.SEMANTIFY_PT_fit_picture,
    image_panel.SEMANTIFY_PT_image,
    own_keys_panel.SEMANTIFY_PT_own_keys,
    shape_panel.SEMANTIFY_PT_shape,
    looks_panel.SEMANTIFY_PT_looks,
    rig_panel.SEMANTIFY_PT_rig,
    animation_panel.SEMANTIFY_PT_animation,
    details_panel.SEMANTIFY_PT_details,
)
"""In the order in which they are drawn, panels before their sub-panels."""
