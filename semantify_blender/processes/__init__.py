"""What starts and speaks to other programs: Blender, a Python with torch, the worker with a full CLIP."""
