"""Drawing: panels, menus, words and boxes. Reads state, changes nothing."""

from . import dropping, fit_panel, menus, panels

CLASSES = (
    dropping.SEMANTIFY_FH_image,
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
"""In the order in which they are drawn, panels before their sub-panels."""
