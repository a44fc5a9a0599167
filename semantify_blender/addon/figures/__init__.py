"""Pictures of characters, drawn by the window's own graphics and put into no file."""
