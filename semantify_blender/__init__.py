"""Semantify for Blender: shape any 3D morphable model with words.

Importable without bpy; `register` and `unregister` are what Blender calls.
"""

__version__ = "0.1.0"


def register() -> None:
    """Register the add-on's classes, properties and handlers with Blender."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Undo `register` in reverse order."""
    from . import addon

    addon.unregister()
