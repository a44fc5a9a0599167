import { HEAT } from "../math/heat.js";
import { make } from "./dom.js";
import * as icons from "./icons.js";

const NAMES = ["low", "at rest", "high"];

/**
 * What is written over the view: the scale of a heat-map, and the names of what is seen side by side.
 * @param {import("../display.js").Display} display
 */
export function overlay(display) {
  const element = make("div", { class: "overlay", "aria-live": "polite" });
  const show = () => {
    const parts = [];
    if (display.heated !== null) {
      const scale = make("span", { class: "scale" });
      const rgb = HEAT.map((colour) => `rgb(${colour.map((part) => Math.round(255 * part)).join(" ")})`);
      scale.style.setProperty("--steps", rgb.join(", "));
      parts.push(
        caption(
          `Where “${display.desk.words[display.heated]}” acts`,
          () => display.setHeated(null),
          make("span", { class: "aside" }, "stays"),
          scale,
          make("span", { class: "aside" }, "goes farthest"),
        ),
      );
    }
    if (display.compared !== null) {
      parts.push(caption(`“${display.desk.words[display.compared]}”`, () => display.setCompared(null)));
      parts.push(make("div", { class: "ends" }, ...NAMES.map((name) => make("span", {}, name))));
    }
    element.replaceChildren(...parts);
  };
  display.addEventListener("shown", show);
  show();
  return element;
}

/** @param {string} title @param {() => void} close @param {...(Node | string)} more */
function caption(title, close, ...more) {
  const button = make(
    "button",
    { type: "button", class: "small", title: "Close", "aria-label": "Close", click: close },
    icons.close(),
  );
  return make("div", { class: "caption" }, make("strong", {}, title), ...more, button);
}
