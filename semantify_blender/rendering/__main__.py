"""`python -m semantify_blender.rendering VERB …` with the bpy wheel."""

from .cli import main, leave

leave(main())
