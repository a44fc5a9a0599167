"""How a CLIP is named. Apart from what loads one: all sides ask for the name, also where nothing is to be loaded."""

SMALL = "small"
"""Name of the CLIP that comes with the project, of which each subject has its own."""
SMALL_NAMES = {"body": "small", "face": "small-face", "animal": "small-animal"}
"""Subject -> name of the embedded small CLIP that was trained on its pictures, also its folder in the data."""
