"""bpy shared by add-on and rendering: pictures, textures, meshes, shape keys."""
