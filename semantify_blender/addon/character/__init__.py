"""A character: its mesh, the mapper inside it, and its shape, kept in step with its sliders."""
