"""The page: sliders, mapper and geometry of models, made small, in one HTML file that needs no network."""
