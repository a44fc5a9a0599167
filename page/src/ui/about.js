import { make } from "./dom.js";

/**
 * Where it all comes from.
 * @param {import("../data/header.js").Header} page
 * @param {import("../data/header.js").ModelHeader} model
 */
export function about(page, model) {
  const error = model.shape?.error;
  const lines = [
    model.licence,
    error ? exactness(error) : "",
    page.by,
  ].filter(Boolean);
  return make(
    "details",
    { class: "block" },
    make("summary", {}, make("h2", {}, "About")),
    ...lines.map((line) => make("p", { class: "fine" }, line)),
    page.notice ? make("pre", { class: "notice", tabindex: 0 }, page.notice) : null,
    page.report ? make("p", {}, make("a", { href: page.report.href }, page.report.label)) : null,
  );
}

/** @param {NonNullable<NonNullable<import("../data/header.js").ModelHeader["shape"]>["error"]>} error millimetres */
function exactness({ largest, mean, garments, settings }) {
  const cloth = garments ? `, garments by ${garments} mm` : "";
  return `In ${settings} random settings shapes differ from Blender’s by ${largest} mm at the most (mean ${mean})${cloth}.`;
}
