# Blender imports this file as bl_ext.<repository>.semantify_blender; pytest may import it under another name.
if __package__ and __package__.startswith("bl_ext."):
    from .semantify_blender import register, unregister  # noqa: F401
