"""Words on a mesh of the user's own, through the shape keys that are there."""
