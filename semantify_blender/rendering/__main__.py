"""`python -m semantify_blender.rendering VERB …` with the bpy wheel."""

from .cli import leave, main

leave(main())
