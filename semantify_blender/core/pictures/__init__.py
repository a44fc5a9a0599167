"""Pictures of a figure: what a file is (`probe`), where the figure is, and the square to look at."""
