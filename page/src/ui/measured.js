import { make } from "./dom.js";

/** @param {number | null | undefined} value @param {number} [digits] */
const number = (value, digits = 2) => (value === null || value === undefined ? "–" : value.toFixed(digits));
/** @param {number | null} value */
const percent = (value) => (value === null ? "–" : `${Math.round(100 * value)} %`);

/** What each slider was measured to do. @param {import("../data/header.js").ModelHeader} header */
export function measured({ words, trained, figures }) {
  if (!words.some(({ rho, measured }) => rho !== null || measured !== null)) return null;
  const taped = words.some(({ measured }) => measured !== null);
  const head = ["Word", "ρ", "Range", "Cross-talk", ...(taped ? ["On the mesh"] : [])];
  const rows = words.map(({ word, rho, reach, crossTalk, measured }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, word),
      ...[number(rho), percent(reach), percent(crossTalk)].map((text) => make("td", {}, text)),
      taped ? make("td", {}, measured ? onMesh(measured) : "–") : null,
    ),
  );
  return make(
    "details",
    { class: "block" },
    make("summary", {}, make("h2", {}, "What each slider was measured to do")),
    make(
      "div",
      { class: "table", tabindex: 0, role: "region", "aria-label": "What each slider was measured to do" },
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...rows),
      ),
    ),
    make(
      "dl",
      { class: "terms" },
      make("dt", {}, "ρ"),
      make("dd", {}, "rank correlation of what the slider asks with what CLIP then sees; 1 is always in order"),
      make("dt", {}, "Range"),
      make("dd", {}, "how much of the word’s range of scores the slider goes through"),
      make("dt", {}, "Cross-talk"),
      make("dd", {}, "how far the other words move meanwhile, as a share of their ranges"),
      ...(taped
        ? [
            make("dt", {}, "On the mesh"),
            make(
              "dd",
              {},
              "measured on the shape from low to high, and the share of the population’s range that this is",
            ),
          ]
        : []),
    ),
    ...together(figures).map((line) => make("p", { class: "fine" }, line)),
    trained ? make("p", { class: "fine" }, `Trained: ${trained}.`) : null,
  );
}

/** What was measured of all words together. @param {import("../data/header.js").ModelHeader["figures"]} figures */
function together(figures) {
  if (!figures) return [];
  const { crossTalkMean, crossTalkLargest, coverage, error } = figures;
  return [
    crossTalkMean === null
      ? ""
      : `Cross-talk between words: ${percent(crossTalkMean)} on average, ${percent(crossTalkLargest)} at most.`,
    coverage === null ? "" : `The sliders together act on ${percent(coverage)} of the surface.`,
    error === null ? "" : `Shapes that training did not see are met within ${number(error, 1)} mm on average.`,
  ].filter(Boolean);
}

/** @param {import("../data/header.js").Measured} measured */
function onMesh({ what, low, high, unit, covered }) {
  const after = unit ? ` ${unit}` : "";
  const share = covered === null || covered === undefined ? "" : ` (${percent(covered)})`;
  return `${what} ${number(low)} – ${number(high)}${after}${share}`;
}
