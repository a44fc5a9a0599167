import { make } from "./dom.js";

/**
 * In place of the figure: the slider sheet as a picture, and why.
 * @param {import("../data/header.js").ModelHeader} header
 * @param {boolean} webgl whether the browser could draw
 */
export function sheet(header, webgl) {
  const why =
    header.missing ??
    (webgl
      ? ""
      : "This browser cannot draw in 3D (WebGL is switched off or missing), so this picture shows what each word does.");
  return make(
    "div",
    { class: "sheet" },
    why ? make("p", {}, why) : null,
    header.sheet
      ? make("img", { src: header.sheet, alt: header.sheetAlt || `What each word of ${header.label} does` })
      : null,
  );
}
