"""The training process: CLIP scores, descriptor selection and the mapper (torch; never bpy)."""
