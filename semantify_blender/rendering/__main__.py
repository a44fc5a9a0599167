"""`python -m semantify_blender.rendering VERB …` with the bpy wheel."""

from ..cli.rendering import leave, main

leave(main())
