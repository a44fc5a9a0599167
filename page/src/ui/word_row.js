import { AT_REST } from "../desk.js";
import { make } from "./dom.js";
import * as icons from "./icons.js";

/** @param {number} value */
const text = (value) => (Math.abs(value) < AT_REST ? "0" : value.toFixed(2).replace("-", "−"));

/**
 * One word and its slider.
 * @param {import("../desk.js").Desk} desk
 * @param {import("../display.js").Display | null} display
 * @param {number} word
 * @returns {{element: HTMLElement, show: () => void, shown: () => void}}
 */
export function wordRow(desk, display, word) {
  const name = desk.words[word];
  const slider = make("input", {
    type: "range",
    min: -desk.reach,
    max: desk.reach,
    step: 0.01,
    value: 0,
    "aria-label": name,
    input: () => desk.set(word, Number(slider.value)),
    change: () => desk.keep(),
    dblclick: () => rest(),
    keydown: (/** @type {any} */ event) => {
      if (event.key !== "Delete" && event.key !== "Backspace") return;
      event.preventDefault();
      rest();
    },
  });
  const number = make("input", {
    type: "text",
    inputmode: "decimal",
    class: "number",
    value: "0",
    "aria-label": `${name}, typed`,
    size: 5,
    change: () => {
      const typed = Number(number.value.replace("−", "-").replace(",", "."));
      if (Number.isFinite(typed)) desk.set(word, typed);
      desk.keep();
      show();
    },
    focus: () => number.select(),
  });
  const rest = () => {
    desk.set(word, 0);
    desk.keep();
  };
  const toggle = (/** @type {string} */ title, /** @type {SVGElement} */ drawing, /** @type {EventListener} */ click) =>
    make(
      "button",
      { type: "button", class: "small", title, "aria-label": title, "aria-pressed": "false", click },
      drawing,
    );
  const heat = toggle(`Where “${name}” acts`, icons.heat(), () =>
    display?.setHeated(display.heated === word ? null : word),
  );
  const ends = toggle(`“${name}” low, at rest and high`, icons.three(), () =>
    display?.setCompared(display.compared === word ? null : word),
  );
  const label = make("span", { class: "word", title: name }, name);
  const buttons = display ? [heat, ends] : [];
  const element = make("li", { class: "row" }, label, slider, number, ...buttons);
  function show() {
    const value = desk.sliders[word];
    slider.value = String(value);
    slider.setAttribute("aria-valuetext", text(value));
    const at = 50 + (50 * value) / desk.reach;
    slider.style.setProperty("--from", `${Math.min(50, at)}%`);
    slider.style.setProperty("--to", `${Math.max(50, at)}%`);
    if (document.activeElement !== number) number.value = text(value);
    element.classList.toggle("moved", Math.abs(value) >= AT_REST);
  }
  function shown() {
    heat.setAttribute("aria-pressed", String(display?.heated === word));
    ends.setAttribute("aria-pressed", String(display?.compared === word));
  }
  return { element, show, shown };
}
