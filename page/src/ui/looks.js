import { make } from "./dom.js";

const NAMES = new Map(Object.entries({ top: "top", iris: "eyes", "animal iris": "eyes" }));

/** Presets: a click is a look. @param {import("../desk.js").Desk} desk */
export function presets(desk) {
  if (!desk.header.presets.length) return null;
  const buttons = desk.header.presets.map((preset) =>
    make("button", { type: "button", class: "chip", click: () => desk.takePreset(preset) }, preset.name),
  );
  return section("Presets", make("div", { class: "chips" }, ...buttons));
}

/** Clothes and colours of what is seen. @param {import("../display.js").Display} display */
export function looks(display) {
  const { desk } = display;
  const parts = [clothes(desk), tones(desk), coats(desk), colours(display)].filter((part) => part !== null);
  return parts.length ? section("Clothes and colours", ...parts) : null;
}

/** @param {string} title @param {...Node} parts */
function section(title, ...parts) {
  return make("section", { class: "block" }, make("h2", {}, title), ...parts);
}

/** @param {import("../desk.js").Desk} desk */
function clothes(desk) {
  const { outfits } = desk.header;
  if (!outfits || outfits.choices.length < 2) return null;
  const buttons = outfits.choices.map(({ name }) =>
    make(
      "button",
      {
        type: "button",
        class: "chip",
        click: () => {
          desk.setOutfit(name);
          desk.keep();
        },
      },
      name === "none" ? "no clothes" : name,
    ),
  );
  const show = () =>
    buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(outfits.choices[i].name === desk.outfit)),
    );
  desk.addEventListener("outfit", show);
  show();
  return make("div", { class: "chips", role: "group", "aria-label": "Clothes" }, ...buttons);
}

/** @param {import("../desk.js").Desk} desk */
function tones(desk) {
  const { tones } = desk.header;
  if (!tones.length) return null;
  const buttons = tones.map(({ skin }, i) => {
    const button = make("button", {
      type: "button",
      class: "tone",
      title: `Skin ${i + 1} of ${tones.length}`,
      "aria-label": `Skin ${i + 1} of ${tones.length}`,
      click: () => {
        desk.setColour("skin", skin.toLowerCase());
        desk.keep();
      },
    });
    button.style.setProperty("--colour", skin);
    return button;
  });
  const show = () =>
    buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(tones[i].skin.toLowerCase() === desk.colours.get("skin"))),
    );
  desk.addEventListener("colours", show);
  show();
  return make("div", { class: "tones", role: "group", "aria-label": "Skin, the Monk Skin Tone Scale" }, ...buttons);
}

/** @param {import("../desk.js").Desk} desk */
function coats(desk) {
  const { coats } = desk.header;
  if (!coats.length) return null;
  const buttons = coats.map(({ name, colours }) =>
    make(
      "button",
      {
        type: "button",
        class: "chip",
        click: () => {
          desk.setColours(colours);
          desk.keep();
        },
      },
      name,
    ),
  );
  return make("div", { class: "chips", role: "group", "aria-label": "Coat" }, ...buttons);
}

/** Only those of what is seen now. @param {import("../display.js").Display} display */
function colours(display) {
  const { desk } = display;
  const { adjustable, regions, paints } = desk.header;
  if (!adjustable.length) return null;
  const wells = adjustable.map((region) => {
    const well = make("input", {
      type: "color",
      "aria-label": `Colour of ${region}`,
      input: () => desk.setColour(region, well.value),
      change: () => desk.keep(),
    });
    return {
      region,
      well,
      element: make("label", { class: "well" }, well, make("span", {}, NAMES.get(region) ?? region)),
    };
  });
  const painted = new Set(paints.map(({ name }) => name));
  const show = () => {
    const seen = new Set(display.drawn.groups.map(({ region }) => regions[region].name));
    for (const { region, well, element } of wells) {
      well.value = desk.colours.get(region) ?? "#cccccc";
      element.hidden = !seen.has(region) && !painted.has(region);
    }
  };
  desk.addEventListener("colours", show);
  display.addEventListener("worn", show);
  show();
  return make("div", { class: "wells" }, ...wells.map(({ element }) => element));
}
