"""A character: its mesh, the mapper and model inside its file, and its shape, kept in step with its sliders."""

FURTHEST = 1.5
"""Where the sliders' property ends, for the mappers that reach so far."""
