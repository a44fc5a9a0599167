import { download } from "../files/download.js";
import { glb } from "../files/glb.js";
import { obj } from "../files/obj.js";
import { make } from "./dom.js";
import * as icons from "./icons.js";

/**
 * The look as a link, the shape as a file.
 * @param {import("../display.js").Display | null} display
 * @param {(() => string) | null} address of the look, where the page has one
 */
export function share(display, address) {
  const said = make("span", { role: "status", class: "said" });
  const say = (/** @type {string} */ text) => {
    said.textContent = text;
    setTimeout(() => said.textContent === text && (said.textContent = ""), 4000);
  };
  const button = (/** @type {string} */ name, /** @type {SVGElement} */ drawing, /** @type {EventListener} */ click) =>
    make("button", { type: "button", click }, drawing, make("span", {}, name));
  const copy =
    address &&
    button("Copy link", icons.link(), () =>
      copied(address()).then(
        () => say("The link to this look is copied."),
        () => say("The link is in the address bar."),
      ),
    );
  const files = display
    ? [
        button("GLB", icons.down(), async () => download(await glb(display), `${display.desk.header.name}.glb`)),
        button("OBJ", icons.down(), () => download(obj(display), `${display.desk.header.name}.obj`)),
      ]
    : [];
  if (!copy && !files.length) return null;
  return make(
    "section",
    { class: "block" },
    make("h2", {}, "Take it along"),
    make("div", { class: "bar" }, copy, ...files),
    said,
  );
}

/** @param {string} text */
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  throw new Error("no clipboard");
}
