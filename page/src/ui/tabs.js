import { make } from "./dom.js";

/**
 * One tab a model; null for a single one.
 * @param {string[]} labels
 * @param {(number: number) => void} open
 */
export function tabs(labels, open) {
  if (labels.length < 2) return null;
  const buttons = labels.map((label, i) =>
    make("button", { type: "button", class: "tab", click: () => open(i) }, label),
  );
  const choose = (/** @type {number} */ number) => {
    buttons.forEach((button, i) =>
      i === number ? button.setAttribute("aria-current", "page") : button.removeAttribute("aria-current"),
    );
    // on a phone they go beyond the edge
    buttons[number].scrollIntoView({ block: "nearest", inline: "center" });
  };
  return { element: make("nav", { class: "tabs", "aria-label": "Models" }, ...buttons), choose };
}
