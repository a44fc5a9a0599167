"""What is worn over outfits: how it is drawn, and what it does to a figure's surface."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.looks.carried import BAG, BEARD, GLASSES, HAIR, HAT, THINGS, Carried
from semantify_blender.core.looks.layers import BARE, LONG_HAIR, SKIRT_SHARES, Layers, random_layers, skirt_share
from semantify_blender.core.looks.look import PLAIN
from semantify_blender.core.looks.over import Over
from semantify_blender.core.model.dressed import Dressed
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, rotation
from tests.synthetic import synthetic_model

OUTFITS = ("none", "sportswear", "casual", "dress", "skirt")
EVERYTHING = Layers(
    padding=0.02, sleeves=True, hanging=0.2, beard=0.01, hat=(0.1, 0.05), bag=("back", (0.3, 0.1, 0.4)), glasses=True
)


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return load_model("anny-body-neutral")


@pytest.fixture(scope="module")
def figures(body: MorphableModel) -> dict[str, tuple[Dressed[MorphableModel], Over]]:
    return {outfit: (dressed := body.dressed(outfit), Over.of(body, dressed)) for outfit in OUTFITS}


def drawn(count: int, woman: float | None = None) -> list[Layers]:
    return [random_layers(np.random.default_rng([7, i]), woman) for i in range(count)]


def test_layers_are_drawn_from_their_seed_alone_and_differ() -> None:
    assert drawn(20) == drawn(20)
    assert len({layers.padding for layers in drawn(50)}) == 50
    for layers in drawn(300):
        assert 0 <= layers.loose <= 1
        assert 0 <= layers.padding <= 0.04
        assert layers.sleeves == (layers.padding > 0.007), "jackets have sleeves"
        assert layers.opening is None or layers.sleeves


def test_long_hair_beards_and_skirts_are_as_frequent_as_in_pictures_of_men_and_women() -> None:
    for woman in (0.0, 1.0):
        layers = drawn(1500, woman)
        assert np.mean([one.hanging > 0 for one in layers]) == pytest.approx(LONG_HAIR[int(woman)], abs=0.05)
        assert (np.mean([one.beard > 0 for one in layers]) > 0.2) == (woman == 0.0)
        assert skirt_share(woman) == SKIRT_SHARES[int(woman)]
    assert skirt_share(0.0) < skirt_share(None) < skirt_share(1.0)
    # what sex changes are thresholds: everything else is drawn alike
    for man, woman in zip(drawn(50, 0.0), drawn(50, 1.0), strict=True):
        assert replace(man, hanging=0, beard=0) == replace(woman, hanging=0, beard=0)


def test_colours_of_what_is_covered() -> None:
    palette = PLAIN.palette | {"top": (0.1, 0.2, 0.3)}
    assert BARE.palette(palette) == palette
    jacket = Layers(sleeves=True, opening=(0.9, 0.9, 0.9)).palette(palette)
    assert jacket["sleeves"] == palette["top"]
    assert jacket["opening"] == (0.9, 0.9, 0.9)


def test_nothing_worn_changes_nothing(figures: dict[str, tuple[Dressed[MorphableModel], Over]]) -> None:
    for dressed, over in figures.values():
        at = dressed.model.template
        np.testing.assert_array_equal(over.draped(at, BARE), at)
        np.testing.assert_array_equal(over.padded(at, BARE), at)


def test_cloth_moves_outwards_as_far_as_it_may_and_bodies_stay(
    figures: dict[str, tuple[Dressed[MorphableModel], Over]],
) -> None:
    rng = np.random.default_rng(3)
    for dressed, over in figures.values():
        model = dressed.model
        rig = Rig.of(model)
        assert rig is not None
        bare = ~(over.top | over.bottom | over.hanging)
        still = bare & (over.arms == 0) & (over.hair == 0)
        hands = rig.part("hand.L") + rig.part("hand.R") > 0.99
        for layers in drawn(12):
            at = model.vertices(rng.uniform(-1, 1, model.component_count).astype(np.float32))
            draped = over.draped(at, layers)
            np.testing.assert_array_equal(draped[bare], at[bare])
            moved = np.linalg.norm(over.padded(draped, layers) - draped, axis=1)
            assert moved.max() <= layers.padding + layers.creases + max(layers.legs, layers.hair) + 1e-5
            assert moved[still].max() == 0, "heads, hands and feet are no cloth"
            assert moved[hands & ~over.top].max(initial=0) < 5e-4


def test_loose_tops_hang_from_the_widest_place_above(
    figures: dict[str, tuple[Dressed[MorphableModel], Over]],
) -> None:
    dressed, over = figures["casual"]
    at = dressed.model.template
    rows = over._loose_rows
    centre = at[over.top & (over.trunk > 0.5), :2].mean(0)
    before = np.linalg.norm(at[rows, :2] - centre, axis=1)
    slopes = []
    for loose in (0.3, 1.0):
        hung = over.draped(at, Layers(loose=loose))
        np.testing.assert_array_equal(hung[~over.top], at[~over.top])
        after = np.linalg.norm(hung[rows, :2] - centre, axis=1)
        assert (after - before).min() > -0.02, "nowhere much tighter than smoothing makes it"
        slopes.append((after - before).mean())
    assert 0 < slopes[0] < slopes[1], "the looser, the wider"


def test_skirts_widen_and_lengthen_downwards_and_long_ones_are_for_who_stands(
    figures: dict[str, tuple[Dressed[MorphableModel], Over]],
) -> None:
    for outfit in ("dress", "skirt"):
        dressed, over = figures[outfit]
        at = dressed.model.template
        skirt = over._skirt_rows
        layers = Layers(flare=0.5, length=1.8)
        standing, sitting = (over.draped(at, layers, still) for still in (True, False))
        assert standing[skirt, 2].min() < sitting[skirt, 2].min() < at[skirt, 2].min() - 0.05
        hem = skirt[at[skirt, 2] < at[skirt, 2].min() + 0.03]
        assert np.ptp(standing[hem, 0]) > 1.1 * np.ptp(at[hem, 0])
        np.testing.assert_array_equal(np.delete(standing, skirt, 0), np.delete(at, skirt, 0))


def test_what_is_carried_goes_along_with_the_figure(body: MorphableModel) -> None:
    model = body.dressed("casual").model
    carried = Carried.of(model)
    assert carried is not None
    grids = carried.grids(model.template, EVERYTHING)
    assert set(grids) == set(THINGS)
    assert carried.grids(model.template, BARE) == {}
    turn, move = rotation("z", 70), np.array([0.3, -2.0, 0.5])
    for name, grid in carried.grids(model.template @ turn.T + move, EVERYTHING).items():
        np.testing.assert_allclose(grid, grids[name] @ turn.T + move, atol=1e-4)
    high = model.template[:, 2].max()
    assert grids[HAT][..., 2].max() > high
    assert grids[HAIR][..., 2].max() > high - 0.01
    eyes, lips = carried.eyes, carried.lips
    assert eyes is not None
    assert lips is not None
    assert np.abs(grids[GLASSES][..., 2] - eyes[2]).max() < 0.04
    assert grids[GLASSES][..., 1].mean() < eyes[1], "in front of them"
    assert grids[BEARD].reshape(-1, 3).mean(0)[2] < lips[2]
    assert grids[BAG][..., 1].max() > model.template[carried.trunk, 1].max(), "behind the back"
    for side, sign in (("left", 1), ("right", -1)):
        bag = carried.grids(model.template, Layers(bag=(side, (0.3, 0.1, 0.3))))[BAG]
        assert sign * bag[..., 0].mean() > 0.2, "in the hand"


def test_a_rig_of_other_chains_hides_no_head(body: MorphableModel) -> None:
    names = np.array([name.replace("spine", "back") for name in body.extra["rig/names"].tolist()])
    other = replace(body.dressed("casual").model, extra=body.dressed("casual").model.extra | {"rig/names": names})
    carried = Carried.of(other)
    assert carried is not None
    assert set(carried.grids(other.template, EVERYTHING)) == set(THINGS) - {BAG}, "no trunk is known, and no hand"


def test_heads_wear_hats_and_animals_fur() -> None:
    head = load_model("anny-face-shape")
    carried = Carried.of(head)
    assert carried is not None
    assert set(carried.grids(head.template, EVERYTHING)) == set(THINGS) - {BAG}
    horse = load_model("quadruped")
    assert Carried.of(horse) is None, "no hair tells where a head is"
    over = Over.of(horse, horse.dressed())
    moved = np.linalg.norm(over.padded(horse.template, Layers(fur=0.02)) - horse.template, axis=1)
    assert moved.max() <= 0.02 + 1e-6
    assert (moved > 0.01).mean() > 0.5


def test_a_model_without_garments_or_rig_stays_as_it_is() -> None:
    model = synthetic_model()
    over = Over.of(model, model.dressed())
    for layers in drawn(5):
        found = over.padded(over.draped(model.template, layers), layers)
        np.testing.assert_array_equal(found[over.hair == 0], model.template[over.hair == 0])
