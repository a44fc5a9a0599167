"""A mesh's own shape keys as a morphable model (bpy and NumPy): shared by the rendering side and the add-on."""
