"""Blender's side: sidebar panel, operators and handlers that turn slider values into shape-key values.

Modules that need NumPy (most of `character`, `own_keys` and `pictures`) are imported on first use, so that enabling the
add-on stays cheap; the panel's first draw happens before any slider can be dragged.
"""

import atexit
from collections.abc import Callable, Iterator
from functools import partial

import bpy

from . import handlers, operators, preferences, properties, ui
from .state import memory
from .ui import crop_overlay, menus

CLASSES = (*properties.CLASSES, preferences.SEMANTIFY_AP_preferences, *operators.CLASSES, *ui.CLASSES)
"""In the order Blender must learn them: groups before those that point to them, panels before their sub-panels."""


def register() -> None:
    """Register classes, properties, handlers and menus."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    properties.register()
    menus.register()
    handlers.register()
    crop_overlay.register()
    # no child outlives Blender
    atexit.register(memory.end_children)


def unregister() -> None:
    """Undo `register` in reverse order; characters keep their shape and their slider values in the file.

    What cannot be undone is logged by its name, and all the rest still is: Blender goes on without the add-on, and what
    was left behind would work on, or keep the add-on from being switched on again.
    """
    import logging  # here, as enabling needs none

    log = logging.getLogger(__name__)
    for name, undo in _steps_back():
        try:
            undo()
        except Exception as error:
            log.error("Semantify: could not unregister %s (%s: %s)", name, type(error).__name__, error)


def _steps_back() -> Iterator[tuple[str, Callable[[], object]]]:
    """What `unregister` does, step by step: a name for the log, and the step."""
    yield "the exit of child processes", partial(atexit.unregister, memory.end_children)
    yield "what it remembers", memory.clear
    yield "the handlers", handlers.unregister
    yield "the menu entries", menus.unregister
    for owner in reversed(properties.OWNERS):
        yield f"{owner.__name__}.semantify", partial(delattr, owner, "semantify")
    for cls in reversed(CLASSES):
        yield cls.__name__, partial(bpy.utils.unregister_class, cls)
