"""Names of what a person has beside a body; without NumPy, since Blender reads them when it starts."""

FACE, EXPRESSION = "face", "expression"
