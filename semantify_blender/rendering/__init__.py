"""Rendering datasets and sheets inside Blender (bpy and NumPy only)."""
