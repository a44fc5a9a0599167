"""Figures are written into the pages between their markers: what was measured, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.figures import clothes, fits, photographs, pose, sliders, times
from scripts.figures.measured import SUBJECT_OF, Measured
from scripts.figures.pages import between, parts_of, with_part
from scripts.figures.parts import PARTS, pictures
from scripts.figures.small_pictures import save_small
from scripts.figures.write import write
from scripts.repository import DATA, REPOSITORY
from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.writing import write_json
from semantify_blender.core.mapper import Mapper
from semantify_blender.training.fitter.image_to_shape import OURS, PAPER_ROW, POINTLESS, REFINED

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
EVALUATED = {
    "words": ["tall", "fat"],
    "fit": {"relative_mse": 0.4196, "cycle_over_plain_mse": 0.9943},
    "coverage": 0.9996,
    "overlap": 0.619,
    "extremes": {"largest_sweep": 2.11, "largest_random": 2.748, "settings": 1000},
    "attributes": [
        {"word": "tall", "attribute": "height", "rho": 1.0, "covered": 0.91, "at_low": 1.5, "at_high": 1.9},
        {"word": "fat", "attribute": "bmi", "rho": 0.984, "covered": 0.27, "at_low": 13.87, "at_high": 38.41},
    ],
    "sliders": {"rho": [1.0, 0.998], "reach": [0.9, 1.04], "cross_talk_mean": 0.086, "cross_talk_max": 0.185},
}


def fitted(error: float) -> dict[str, object]:
    return {
        "raw": error + 1, "height-aligned": error - 1, "centroid-aligned": error, "each": [error - 0.5, error + 4],
        "chest girth cm": 3.0, "waist girth cm": 4.0, "hip girth cm": 2.0, "height inside": 0.66, "waist inside": 0.7,
    }  # fmt: skip


FITS = {
    "subjects": 60,
    "refused": {"busy, no crop": 4},
    "cases": {
        "alpha, 1 picture": {"mean shape": fitted(33.9), PAPER_ROW: fitted(66.4), OURS: fitted(20.8)},
        "alpha, 2 pictures": {OURS: fitted(20.1)},
        "alpha, 1 picture, height known": {OURS: fitted(9.1), REFINED: fitted(6.4)},
        "busy, no crop, 1 picture": {POINTLESS: fitted(5.0), OURS: fitted(4.5)},
    },
    "known": {  # as the file has it, by the alphabet
        "height": {"vertices": 9.1, "chest": 0.037, "waist": 0.048, "hips": 0.041, "weight": 4.2},
        "nothing": {"vertices": 20.81, "height": 0.05, "chest": 0.047, "waist": 0.052, "hips": 0.049, "weight": 7.04},
    },
}


def test_every_marker_has_a_writer_and_every_writer_a_marker() -> None:
    marked = [(page.relative_to(REPOSITORY).as_posix(), name) for page in PAGES for name in parts_of(page.read_text())]
    assert sorted(marked) == sorted((part.page, part.name) for part in PARTS)
    for page in PAGES:
        text = page.read_text()
        assert text.count("<!-- ") == 2 * len(parts_of(text)), (
            f"{page.name}: a marker is not closed, or not at its line"
        )


def test_pictures_that_are_made_are_those_of_the_pages() -> None:
    assert set(pictures(Measured(Path("nowhere")))) <= {path.name for path in (REPOSITORY / "docs/images").iterdir()}


def test_a_part_of_a_page_is_replaced_and_another_place_is_asked_for() -> None:
    page = "before\n<!-- ablate -->\nold\n<!-- end ablate -->\nafter <!-- study --> x <!-- end study -->"
    assert with_part(page, "ablate", "new \\1\n") == page.replace("old", "new \\1")
    assert parts_of(page) == {"ablate": "old"}
    with pytest.raises(ValueError, match="no <!-- table1 -->"):
        with_part(page, "table1", "x")


def test_what_only_the_files_tell_is_what_the_pages_say(tmp_path: Path) -> None:
    readme = parts_of((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    for part in PARTS:
        if part.page == "README.md" and part.name in ("shipped", "small clips"):
            assert readme[part.name] == part.write(Measured(tmp_path)), (
                "run: python scripts/figures/write.py out/models"
            )


def test_only_what_was_measured_is_written(tmp_path: Path) -> None:
    pages, build = tmp_path / "pages", tmp_path / "build"
    for page in PAGES:
        copy = pages / page.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    write_json(build / "figures/body/fits/image_to_shape.json", FITS)
    (build / "tables").mkdir()
    (build / "tables/quadruped.md").write_text("| | quadruped |\n|---|---|\n", encoding="utf-8")
    told = write(Measured(build), pages)
    changed = parts_of((pages / "docs/image_to_shape.md").read_text(encoding="utf-8"))
    before = parts_of((REPOSITORY / "docs/image_to_shape.md").read_text(encoding="utf-8"))
    assert {name for name in changed if changed[name] != before[name]} == {"known", "sure", "bodies"}
    assert parts_of((pages / "docs/quadruped.md").read_text(encoding="utf-8"))["quadruped"].startswith("| | quadruped")
    assert "docs/image_to_shape.md, pose: not measured, left as it is" in told
    assert "docs/image_to_shape.md, known: written" in told
    assert "docs/images/fit_panel.png: not made, left as it is" in told
    assert not [line for line in write(Measured(build), pages) if line.endswith("written")]


def test_sliders_are_told_as_measured_and_rows_that_nobody_measured_left_out() -> None:
    text = sliders.sliders_table({"neutral": EVALUATED, "male": {**EVALUATED, "sliders": {}, "attributes": []}})
    assert "| ρ, slider : re-scored | 1.00 each |  |" in text
    assert "| range reached | 0.90–1.04 |  |" in text
    assert "| cross-talk mean / largest | 0.09 / 0.18 |  |" in text
    assert "| ≥ 0.98, 91 %, *fat* 27 % |  |" in text
    assert "| 13.9–38.4 |  |" in text
    assert "| 0.420, 0.994 | 0.420, 0.994 |" in text
    assert "| 100 / 62 % | 100 / 62 % |" in text
    assert "Mahalanobis" not in text
    inside = {"largest_corner": 6.22, "largest_far_corner": 6.9, "largest_random": 5.0, "radius": 7.5, "corners": 256}
    new = {**EVALUATED, "extremes": {**EVALUATED["extremes"], "inside": inside}}
    assert "| 6.2 / 6.9 / 5.0; 7.5 |  |" in sliders.sliders_table({"neutral": new, "old": EVALUATED})
    arms = {"upper arm girth": {"rest": 0.301, "lean_and_muscular": 0.322}}
    body = {"muscle_motion": 0.834, "fat_bmi": {"low": 17.2, "rest": 23.0, "high": 39.0}, "arms": arms}
    text = sliders.sliders_table({"neutral": {**EVALUATED, "body": body}, "old": EVALUATED})
    assert "| share of the source's own muscle motion along *muscular* | 83 % |  |" in text
    assert "| body mass index along *fat* | 17.2–39.0 | 13.9–38.4 |" in text
    assert "| upper arm 30.1 : 32.2 |  |" in text


def test_a_mapper_tells_its_own_figures_until_they_are_measured_again(tmp_path: Path) -> None:
    name = "quadruped"
    own = Mapper.load(DATA / "mappers" / f"{name}.mapper.npz").figures
    assert sliders.figures_of(Measured(tmp_path), "animal", name)["sliders"] == own["sliders"]
    again = {**EVALUATED, "body": {}, "reach": {}, "coverage": {"coverage": 0.5, "overlap": 0.25}, "samples": 1500}
    again["fit"] = {"relative_mse": 0.1, "samples": 300}
    again["sliders"] = {**EVALUATED["sliders"], "steps": 21, "largest_coefficient": 2.0}
    write_json(tmp_path / f"figures/animal/{name}/figures.json", again)
    found = sliders.figures_of(Measured(tmp_path), "animal", name)
    assert (found["coverage"], found["overlap"]) == (0.5, 0.25)
    assert found["words"][0] == "horse"
    write_json(tmp_path / f"figures/animal/{name}/figures.json", {"samples": 1500})
    with pytest.raises(FileFormatError, match=r"is missing: remove .*sliders and make figures"):
        sliders.figures_of(Measured(tmp_path), "animal", name)
    write_json(tmp_path / f"figures/animal/{name}/figures.json", again)
    found = sliders.figures_of(Measured(tmp_path), "animal", name)
    assert found["fit"]["relative_mse"] == 0.1
    write_json(tmp_path / f"figures/animal/{name}/figures.json", {**again, "samples": 300})
    found = sliders.figures_of(Measured(tmp_path), "animal", name)
    assert found["fit"] == own["fit"], "pictures that it may have learned from tell nothing of its fit"


def test_fits_are_told_by_case() -> None:
    text = fits.bodies_text(FITS)
    assert text.startswith("60 bodies")
    assert "4 were refused" in text
    assert "| mean shape | 33.9 |  | 32.9 |" in text
    assert "| ours, cut out | 20.8 | 20.1 | 19.8 |" in text
    assert "| ours, cut out, refined | 6.4 | 10.4 | 3.0, 4.0, 2.0 cm |" in text
    assert "ridge" not in text
    assert "refused" not in fits.bodies_text({**FITS, "refused": {}})
    assert "| ours, busy backdrop, no crop box | 4.5 |  |\n| the same without the points" in fits.faces_text(FITS, FITS)
    assert "| ours, cut out | 21.8 | 21.1 |" in fits.faces_text(FITS, FITS).split("| expression |")[1]
    assert "| ours, cut out | 20.8 | 20.1 |" in fits.animals_text(FITS)
    known = fits.known_text(FITS).splitlines()
    assert known[-2:] == [
        "| nothing | 20.8 mm | 5.0 cm | 4.7, 5.2, 4.9 cm | 7.0 kg |",
        "| height | 9.1 mm |  | 3.7, 4.8, 4.1 cm | 4.2 kg |",
    ]
    assert fits.sure_text(FITS).splitlines()[2:] == [
        "| cut out | 66 % |  |  | 70 % |  |",
        "| busy backdrop, no crop box | 66 % |  |  | 70 % |  |",
    ]
    summary = fits.summary_text(FITS).splitlines()
    assert summary[2:] == [
        "| height known | 32.9 | 9.1 | 6.4 |  |  |",
        "| height not known | 33.9 | 20.8 |  | 20.1 | 4.5 |",
    ]


def test_photographs_are_told_with_and_without_refining() -> None:
    rank = {"spearman": 0.824, "interval": [0.39, 0.99], "n": 13}
    stage = {"iou": 0.851, "joints": 0.0102, "height": [1.54, 1.83], "ranks": {"fat": rank}}
    figures = {"found": [13, 13], "refused": [9, 10], "seconds": {"median": 0.56, "most": 0.8}, "first": stage}
    text = photographs.photographs_text({**figures, "refined": {**stage, "ranks": {}}})
    assert text.startswith("| 23 photographs | fitted | refined |")
    assert "95 % interval | 0.82 [0.39, 0.99] |  |" in text
    assert "| joints off, of the figure's height | 1.0 % | 1.0 % |" in text
    assert "| time a picture, median, most | 0.56, 0.80 s |  |" in text
    assert "refined" not in photographs.photographs_text(figures).splitlines()[0]
    assert "*fat* by 0.82 (0.39 to 0.99)" in photographs.summary_text(figures)
    assert "women" not in text
    sex = {"auc": 0.914, "interval": [0.7, 1.0], "women": 6, "men": 7}
    figures["first"] = stage | {"sex": sex}
    assert "| women told from men (AUC), 95 % interval | 0.91 [0.70, 1.00] |" in photographs.photographs_text(figures)
    assert "by 0.91 (AUC, 0.70 to 1.00)" in photographs.summary_text(figures)


def test_photographs_of_bodies_alone_leave_what_was_told_of_faces(tmp_path: Path) -> None:
    """Parts are written one by one: what one of them tells must be measured with one subject."""
    stage = {"iou": 0.851, "ranks": {}}
    found = {"found": [6, 6], "refused": [1, 2], "first": stage}
    for subject, other in (("body", "face"), ("face", "body")):
        build = tmp_path / subject
        path = build / "figures" / subject / "photographs" / "photographs.json"
        path.parent.mkdir(parents=True)
        write_json(path, found)
        told = {"body": photographs.photographs(Measured(build)), "face": photographs.faces(Measured(build))}
        assert told[other] is None
        assert "6 of 6" in str(told[subject])


def test_what_clothes_change_is_told_by_what_is_worn() -> None:
    row = {"bodies": 39.0, "change": -0.054, "typical change": 0.11, "fat off": 0.2, "mm": 9.06, "waist inside": 0.7}
    text = clothes.pairs_text({"bodies": 40, "pairs": {"cut out": {"jacket": row}, "busy, no crop": {"skirt": row}}})
    assert "| cut out, jacket | 39 | −0.05 | 0.11 | 9.1 mm | 70 % |" in text
    assert "| busy backdrop, skirt | 39 |" in text
    assert text.startswith("40 bodies")


def test_poses_are_told_with_their_units() -> None:
    names = ("yaw", "pitch", "roll", "bones", "joints %", "finder's joints %")
    figures = {
        "found": 59, "of": 60, "milliseconds": 40.2, "errors": {"all": {name: [6.06, 16.0, 82.4] for name in names}},
    }  # fmt: skip
    text = pose.pose_text(figures)
    assert "| yaw | 6.1° | 16.0° | 82.4° |" in text
    assert "| bones in space | 6° | 16° | 82° |" in text
    assert text.endswith("59 of 60 were found; a pose takes 40 ms.")
    assert "67 % of the yaws, 63 % of the pitches" in pose.pose_text({**figures, "within a deviation": [0.67, 0.63]})


def test_times_of_steps_that_went_on_or_were_done_again() -> None:
    log = "\n".join(
        [
            "body.clip\t100\t130\ttrain",  # ended
            "body.clip\t3500\t0\ttrain",
            "body.models\t60\t0\tbuild",
            "body.models\t5\t0\trig",
            "body.models\t70\t0\tbuild",  # again
        ]
    )
    assert times.seconds_of(log) == {"body.clip": 3600, "body.models": 75}
    assert times.times_text(log).splitlines()[2:] == [
        "| `body.clip` | 1:00:00 |", "| `body.models` | 0:01:15 |", "| in all | 1:01:15 |",
    ]  # fmt: skip
    assert times.times(Measured(Path("nowhere"))) is None


def test_all_that_is_shipped_has_a_subject() -> None:
    shipped = {path.name.removesuffix(".model.npz") for path in (DATA / "models").glob("*.model.npz")}
    assert shipped == set(SUBJECT_OF)
    assert between([0.994, 1.0]) == "0.99–1.00"
    assert between([0.996, 1.0]) == "1.00"


def test_renders_keep_their_shades_in_the_pages(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 3 * 400 * 300).reshape(300, 400, 3).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "made.png")
    for name in ("shown.jpg", "shown.png"):
        save_small(tmp_path / "made.png", tmp_path / name)
        with Image.open(tmp_path / name) as shown:
            assert shown.format == {"jpg": "JPEG", "png": "PNG"}[name[-3:]]
            assert np.abs(np.asarray(shown, float) - ramp).max() <= 4
