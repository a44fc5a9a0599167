"""What files are called before people; without NumPy, since Blender reads it when it starts."""

_TITLES = {
    "anny-body-neutral": "Person", "anny-body-female": "Woman", "anny-body-male": "Man", "anny-face-shape": "Face",
    "anny-face-expression": "Expression", "quadruped": "Animal",
}  # fmt: skip
"""Of what is embedded: whoever wants to know the file sees it under Details."""
_LETTERS = frozenset({"smpl", "smplx", "flame", "smal"})


def title(name: str) -> str:
    """A file's name as people read it: anny-body-neutral -> Person, smpl-male -> SMPL Male."""
    words = name.replace("_", "-").split("-")
    return _TITLES.get(name) or " ".join(
        word.upper() if word in _LETTERS else word[:1].upper() + word[1:] for word in words
    )
