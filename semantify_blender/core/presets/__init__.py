"""Looks of characters that are kept, by word: the file, mixing two of them, and the folders that they lie in."""
