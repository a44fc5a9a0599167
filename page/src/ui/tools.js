import { make } from "./dom.js";
import * as icons from "./icons.js";

/**
 * What moves all sliders: reset, random with its seed, undo, and whether words are tried one at a time.
 * @param {import("../desk.js").Desk} desk
 */
export function tools(desk) {
  const seed = make("input", {
    type: "number",
    class: "seed",
    min: 0,
    max: 999999,
    step: 1,
    value: 0,
    "aria-label": "Seed",
  });
  const button = (/** @type {string} */ name, /** @type {SVGElement} */ drawing, /** @type {EventListener} */ click) =>
    make("button", { type: "button", title: name, click }, drawing, make("span", {}, name));
  const undo = button("Undo", icons.undo(), () => desk.undo());
  const kept = () => (undo.disabled = desk.past.length === 0);
  desk.addEventListener("kept", kept);
  kept();
  const mode = (/** @type {string} */ name, /** @type {boolean} */ alone) =>
    make(
      "button",
      { type: "button", "aria-pressed": String(desk.alone === alone), click: () => desk.setAlone(alone) },
      name,
    );
  const together = mode("All at once", false),
    alone = mode("One at a time", true);
  desk.addEventListener("alone", () => {
    together.setAttribute("aria-pressed", String(!desk.alone));
    alone.setAttribute("aria-pressed", String(desk.alone));
  });
  return make(
    "div",
    { class: "tools" },
    make("div", { class: "pair", role: "group", "aria-label": "Which words move" }, together, alone),
    make(
      "div",
      { class: "bar" },
      button("Reset", icons.reset(), () => desk.reset()),
      undo,
      make(
        "span",
        { class: "joined" },
        button("Random", icons.random(), () => {
          desk.random(Number(seed.value) || 0);
          // each press is another character, and its seed can be typed again
          seed.value = String((Number(seed.value) || 0) + 1);
        }),
        seed,
      ),
    ),
  );
}
