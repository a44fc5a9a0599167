"""Training a mapper for words of the user's own, in another Python; the sliders come back as a file."""
