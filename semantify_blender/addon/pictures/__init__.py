"""From pictures to a character inside Blender: fitting, refining, and the full CLIP that may look at them."""
