/**
 * An element. Texts become text nodes, never markup, whatever a mapper's words hold.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | EventListener>} [attributes] a function listens to the event it is
 *   named after; true sets an empty attribute, false none
 * @param {...(Node | string | null)} children
 * @returns {any} an HTMLElement of that tag
 */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing of 16 × 16. @param {...string} paths @returns {SVGElement} */
export function icon(...paths) {
  const drawing = document.createElementNS(SVG, "svg");
  fill(drawing, { viewBox: "0 0 16 16", "aria-hidden": "true", class: "icon" }, []);
  for (const path of paths) drawing.append(fill(document.createElementNS(SVG, "path"), { d: path }, []));
  return drawing;
}

/** @param {any} element @param {Record<string, any>} attributes @param {(Node | string | null)[]} children */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}
