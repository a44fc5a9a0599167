"""NumPy-only foundation shared by Blender's process and the training process; imports neither bpy nor torch."""
