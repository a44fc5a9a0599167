"""How pictures look apart from the shapes in them: one plain studio, and random ones."""
