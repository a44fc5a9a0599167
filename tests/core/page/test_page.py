"""A page says what its mapper and model say, and nothing that is in them leaves its place."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.errors import OutputError, SemantifyError
from semantify_blender.core.library import available, load_model
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.page.document import policy, script_safe
from semantify_blender.core.page.exactness import error_settings
from semantify_blender.core.page.licence import missing
from semantify_blender.core.page.page import page, page_html, write_page
from semantify_blender.core.page.tab import Opening, Subject
from semantify_blender.core.presets.preset import Preset
from tests.core.page.page_reader import ReadModel, header_of, read_page
from tests.synthetic import crowd, dressed_model, synthetic_mapper, synthetic_model

WORST = (
    "</script><script>alert(1)</script>", "<!--<script>", "\"'><img src=x onerror=alert(2)>", "a\u2028b\u2029c", "&lt;",
    "{{ 7 * 7 }}", "${1}", "]]>", "<svg onload=alert(3)>",
)  # fmt: skip


class Elements(HTMLParser):
    """Tags of a document with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


@pytest.fixture
def model() -> MorphableModel:
    return dressed_model()


@pytest.fixture
def mapper(model: MorphableModel) -> Mapper:
    people = crowd(model.component_count)
    return dataclasses.replace(synthetic_mapper(model), inside=people.inside)


def python_vertices(mapper: Mapper, model: MorphableModel, sliders: np.ndarray) -> np.ndarray:
    """(N, 3) of the body, then of each part."""
    coefficients = mapper.coefficients(mapper.scores_from_sliders(sliders))
    parts = [part.template + np.einsum("k,kvc->vc", coefficients, part.basis) for part in model.parts.values()]
    return np.concatenate([model.vertices(coefficients), *parts])


def tabs_of(folder: Path, *subjects: Subject, **options: Any) -> list[ReadModel]:
    path = folder / "page.html"
    write_page(subjects, path, **{"presets": (), **options})
    return read_page(path)[1]


def test_a_reader_of_the_file_alone_gets_the_vertices(mapper: Mapper, model: MorphableModel, tmp_path: Path) -> None:
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, model))
    told, fields = tab.header["shape"]["error"], tab.fields()
    assert tab.template().shape == (tab.header["shape"]["vertices"], 3)
    for sliders in error_settings(mapper):
        off = np.linalg.norm(
            tab.vertices(tab.coefficients(sliders), fields) - python_vertices(mapper, model, sliders), axis=1
        )
        assert 1000 * off[: model.vertex_count].max() <= told["largest"] + 1e-3
        assert 1000 * off.max() <= max(told["garments"], told["largest"]) + 1e-3
    assert told["largest"] < 0.5


@pytest.mark.parametrize("kind", ["bound", "limits", "plain"])
def test_all_that_keeps_coefficients_small(kind: str, model: MorphableModel, tmp_path: Path) -> None:
    mapper = synthetic_mapper(model)
    if kind != "bound":
        mapper = dataclasses.replace(mapper, bound=None)
    if kind == "limits":
        limits = np.tile(np.array([[-0.5, 1.0]], np.float32), (model.component_count, 1))
        mapper = dataclasses.replace(mapper, limits=limits)
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, model))
    for sliders in error_settings(mapper)[:10]:
        exact = mapper.coefficients(mapper.scores_from_sliders(sliders))
        assert tab.coefficients(sliders) == pytest.approx(exact, abs=0.03)


def test_faces_garments_and_lines(mapper: Mapper, model: MorphableModel, tmp_path: Path) -> None:
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, model))
    header, numbers = tab.header, tab.numbers
    assert [piece["name"] for piece in header["pieces"]] == ["", "shorts", "shirt", "tongue"]
    begins = np.cumsum([0, model.vertex_count, *(part.vertex_count for part in model.parts.values())])
    corners = [
        model.corner_vertices,
        *(p.corner_vertices + b for p, b in zip(model.parts.values(), begins[1:], strict=False)),
    ]
    assert np.array_equal(numbers["corners"], np.concatenate(corners))
    sizes = [np.diff(model.face_offsets), *(np.diff(part.face_offsets) for part in model.parts.values())]
    assert np.array_equal(numbers["faceSizes"], np.concatenate(sizes))
    assert np.array_equal(numbers["covers2"], model.parts["shirt"].covers)
    names = [region["name"] for region in header["regions"]]
    # painted regions are no regions, and what is in none is skin
    assert "hair" not in names
    assert names[numbers["faceRegions"][0]] == "skin"
    assert set(np.array(names)[numbers["faceRegions"][model.regions["shorts"]]]) == {"shorts"}
    assert header["outfits"]["default"] == "day"
    assert {choice["name"]: choice["pieces"] for choice in header["outfits"]["choices"]} == {
        "bare": [0, 3],
        "day": [0, 1, 2, 3],
    }
    assert np.abs(numbers["uv"] / header["shape"]["uvSteps"] - model.uv.T).max() < 1 / 4000
    (paint,) = header["paints"]
    x, y, columns, rows = paint["rectangle"]
    assert paint["name"] == "hair"
    assert np.array_equal(numbers["paint0"], model.paint["hair"][y : y + rows, x : x + columns])
    assert not model.paint["hair"][:y].any()


def test_the_same_page_is_the_same_file(mapper: Mapper, model: MorphableModel) -> None:
    first, second = (page_html([Subject("one", mapper, model)], presets=())[0] for _ in range(2))
    assert first == second


def test_what_two_models_have_alike_is_there_once(mapper: Mapper, model: MorphableModel) -> None:
    other = dataclasses.replace(synthetic_mapper(model, seed=3), inside=mapper.inside)
    header = header_of(page_html([Subject("one", mapper, model), Subject("one", other, model)], presets=())[0])
    assert [tab["name"] for tab in header["models"]] == ["one", "one-2"]
    assert len(header["data"]) == 3
    assert len({tab["arrays"]["corners"]["data"] for tab in header["models"]}) == 1


def test_words_of_any_kind_stay_words(model: MorphableModel, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    strange = [chr(code) for code in range(32, 0x3000) if chr(code).isprintable()] + list("<>&\"'\u2028\u2029/!-")
    words = [*WORST, *("".join(rng.choice(strange, rng.integers(1, 30))) for _ in range(200 - len(WORST)))]
    mapper = synthetic_mapper(model, tuple(words))
    mapper = dataclasses.replace(
        mapper,
        figures={"attributes": [{"word": words[0], "attribute": WORST[0], "at_low": 1.0, "at_high": 2.0, "rho": 1.0}]},
        provenance={"clip": WORST[2], "samples": 3, "date": WORST[0]},
    )
    evil = dataclasses.replace(model, metadata={**model.metadata, "licence": f"CC0 {WORST[0]}"})
    preset = Preset(WORST[0], "synthetic", {"body": {words[0]: 1.0}})
    path = tmp_path / "page.html"
    write_page([Subject(WORST[0], mapper, evil)], path, title=WORST[0], presets=[preset])
    text = path.read_text(encoding="utf-8")
    assert [row["word"] for row in header_of(text)["models"][0]["words"]] == words
    tags = Elements(text).tags
    assert [tag for tag, _ in tags] == [
        "html", "head", "meta", "meta", "meta", "meta", "title", "style", "body", "div", "noscript", "p",
        "script", "script", "script", "script",
    ]  # fmt: skip
    for _, attributes in tags:
        assert not any(name.startswith("on") or name in ("src", "href") for name in attributes)
    assert text.count("</title>") == 1
    assert "\u2028" not in text.partition('id="header">')[2].partition("</script>")[0]


def test_escaped_json_is_the_same_json() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        codes = rng.choice([*range(1, 0x80), 0x2028, 0x2029, 0xE9, 0x1F600], rng.integers(0, 40))
        value = {"a": "".join(map(chr, codes)), "b": [None, 1.5, True]}
        text = script_safe(value)
        assert json.loads(text) == value
        assert not set("<>&\u2028\u2029") & set(text)


def test_the_policy_lets_nothing_in_or_out(mapper: Mapper, model: MorphableModel) -> None:
    text = page_html([Subject("one", mapper, model)], presets=())[0]
    (wanted,) = [a["content"] for tag, a in Elements(text).tags if tag == "meta" and a.get("http-equiv")]
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert wanted == policy(script, style)
    assert "unsafe" not in wanted
    assert wanted.startswith("default-src 'none'; script-src 'sha256-")


def test_licensed_geometry_is_left_out_until_one_says_so(mapper: Mapper, model: MorphableModel, tmp_path: Path) -> None:
    licence = "research only, SMPL body model licence (smpl.is.tue.mpg.de); the user's own file"
    for text, told in ((licence, "research only (SMPL body model licence"), ("", "may be passed on")):
        theirs = dataclasses.replace(model, metadata={**model.metadata, "licence": text})
        (tab,) = tabs_of(tmp_path, Subject("one", mapper, theirs))
        assert told in tab.header["missing"]
        assert tab.header["shape"] is None
        assert not {"template", "basis", "corners", "uv", "projection"} & set(tab.numbers)
        assert tab.header["sheet"].startswith("data:image/png;base64,")
        assert tab.header["words"][0]["word"] == "tall"
        (whole,) = tabs_of(tmp_path, Subject("one", mapper, theirs), with_geometry=True)
        assert whole.header["missing"] is None
        assert "template" in whole.numbers
    (alone,) = tabs_of(tmp_path, Subject("one", mapper, None))
    assert "was not at hand" in alone.header["missing"]


def test_what_it_opens_with(mapper: Mapper, model: MorphableModel, tmp_path: Path) -> None:
    opening = Opening(
        {"fat": 0.5, "tall": -9.0}, "bare", {"skin": (1, 0.5, 0), "moon": (0, 0, 0)}, (0.1, 0, 0, 0), True
    )
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, model, opening))
    assert tab.header["opening"] == {
        "sliders": [-1.5, 0.5, 0.0],
        "outfit": "bare",
        "colours": {"skin": "#ff8000"},
        "offset": [0.1, 0.0, 0.0, 0.0],
        "follow": True,
    }


def test_presets_of_the_same_subject(mapper: Mapper, model: MorphableModel, tmp_path: Path) -> None:
    looks = [
        Preset("Tall", "synthetic", {"body": {"Tall": 1.2, "unknown": 1.0}}, outfit="bare"),
        Preset("Other", "animal", {"body": {"tall": 1.0}}),
        Preset("Elsewhere", "synthetic", {"face": {"tall": 1.0}}),
    ]
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, model), presets=looks)
    assert tab.header["presets"] == [{"name": "Tall", "sliders": [1.2, 0.0, 0.0], "outfit": "bare", "colours": {}}]


def test_errors_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SemantifyError, match="give 1 to 24"):
        page([], tmp_path / "page.html")
    with pytest.raises(SemantifyError, match="no mapper 'nobody'"):
        page("nobody", tmp_path / "page.html")
    with pytest.raises(SemantifyError, match="give one mapper"):
        page(["quadruped", "quadruped"], tmp_path / "page.html", model="quadruped")
    with pytest.raises(SemantifyError, match="checksum"):
        page("quadruped", tmp_path / "page.html", model="anny-face-shape")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="choose another --out"):
        page("quadruped", tmp_path / "folder")
    assert list(tmp_path.rglob("*.html")) == []
    from semantify_blender.core.page import document

    monkeypatch.setattr(document, "VIEWER", tmp_path)
    with pytest.raises(SemantifyError, match="install semantify-blender again"):
        document.viewer_parts()


def test_a_plane_that_nothing_moves_and_one_word(tmp_path: Path) -> None:
    model = synthetic_model(components=1)
    flat = dataclasses.replace(model, template=model.template * [1, 0, 0], basis=np.zeros_like(model.basis))
    mapper = dataclasses.replace(synthetic_mapper(flat, ("one",)), model_checksum=flat.checksum)
    (tab,) = tabs_of(tmp_path, Subject("one", mapper, flat))
    assert tab.header["shape"]["error"]["largest"] < 0.1


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        *[
            (one, True)
            for one in ("CC0 1.0 Universal", "CC-BY-4.0", "MIT", "MIT License", "Apache-2.0", "BSD-3-Clause")
        ],
        *[(one, False) for one in ("CC-BY-NC-ND-4.0", "CC BY-NC 4.0", "CC BY-ND 4.0", "Not CC0", "", "Mitsubishi")],
        ("CC0 code; model research only, Max Planck", False),
        ("Apache-2.0 code, weights for research", False),
        ("BSD (code); model files: no redistribution", False),
        ("MIT-style, no redistribution", False),
        ("Mit Genehmigung", False),
        ("public domain: no", False),
    ],
)
def test_a_licence_that_only_begins_like_a_free_one_lets_nothing_through(licence: str, free: bool) -> None:
    model = synthetic_model()
    theirs = dataclasses.replace(model, metadata={**model.metadata, "licence": licence})
    assert (missing(theirs) is None) == free


def test_the_embedded_models_may_be_passed_on() -> None:
    assert [missing(load_model(name)) for name in available("models")] == [None] * len(available("models"))
