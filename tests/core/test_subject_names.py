"""What a name of a model or mapper shows, told by how it begins."""

import pytest

from semantify_blender.core.descriptors import subject_of_name


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("anny-body-neutral", "body"), ("smpl-male", "body"), ("smplx-neutral", "body"), ("anny-face-shape", "face"),
        ("flame-shape-generic", "face"), ("quadruped", "animal"), ("smal-lion", "animal"), ("mine", "body"),
        ("", "body"),
    ],
)  # fmt: skip
def test_a_subject_is_told_by_the_family_that_a_name_begins_with(name: str, subject: str) -> None:
    assert subject_of_name(name) == subject
