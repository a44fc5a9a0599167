import { make } from "./dom.js";
import { wordRow } from "./word_row.js";

/** More words than these have a field to find one in. */
const MANY = 14;

/**
 * All words with their sliders.
 * @param {import("../desk.js").Desk} desk
 * @param {import("../display.js").Display | null} display
 */
export function words(desk, display) {
  const rows = desk.words.map((_, word) => wordRow(desk, display, word));
  const list = make("ul", { class: "words" }, ...rows.map(({ element }) => element));
  const show = () => rows.forEach((row) => row.show());
  const shown = () => rows.forEach((row) => row.shown());
  desk.addEventListener("sliders", show);
  display?.addEventListener("shown", shown);
  show();
  shown();
  if (rows.length <= MANY) return list;
  const find = make("input", {
    type: "search",
    class: "find",
    placeholder: `Find one of ${rows.length} words`,
    "aria-label": "Find a word",
    input: () => {
      const part = find.value.trim().toLowerCase();
      rows.forEach(({ element }, i) => (element.hidden = !desk.words[i].toLowerCase().includes(part)));
    },
  });
  return make("div", {}, find, list);
}
