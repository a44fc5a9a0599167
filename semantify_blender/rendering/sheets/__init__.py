"""Pictures for people: slider sheets, heat maps, strips of text."""
