/**
 * What the page's header says; `semantify_blender/core/page` writes it.
 *
 * @typedef {object} Word
 * @property {string} word
 * @property {number} low score
 * @property {number} rest
 * @property {number} high
 * @property {number | null} rho rank correlation of what was asked with what CLIP sees
 * @property {number | null} reach share of the word's range that the slider goes through
 * @property {number | null} crossTalk share of their ranges that the other words move meanwhile
 * @property {Measured | null} measured
 *
 * @typedef {object} Measured what a tape measure says of the mesh
 * @property {string} what
 * @property {number} low
 * @property {number} high
 * @property {string} unit
 * @property {number} rho
 * @property {number} covered share of what people, or animals, differ by
 *
 * @typedef {object} Piece
 * @property {string} name
 * @property {[number, number]} vertices first and count
 * @property {[number, number]} faces
 * @property {number} region -1: each face has its own
 * @property {boolean} covers whether it hides some of the body
 * @property {number} coarse steps that its displacements are multiples of
 *
 * @typedef {object} Preset
 * @property {string} name
 * @property {number[]} sliders
 * @property {string | null} outfit
 * @property {Record<string, string>} colours
 *
 * @typedef {object} Paint
 * @property {string} name
 * @property {string} colour
 * @property {[number, number, number, number]} rectangle x, y in the picture, columns and rows of the paint
 * @property {number} step pixels of the picture to one of the paint
 *
 * @typedef {object} ArrayPlace
 * @property {number} data
 * @property {number} at
 * @property {number} count
 * @property {"u8" | "i8" | "u16" | "i16" | "u32" | "f16" | "f32" | "rice"} type
 * @property {string} coding
 * @property {number} [scale]
 * @property {number[]} [shape]
 *
 * @typedef {object} ModelHeader
 * @property {string} name
 * @property {string} label
 * @property {string} subject
 * @property {string} licence
 * @property {string | null} missing
 * @property {string | null} sheet
 * @property {string} sheetAlt
 * @property {string} trained
 * @property {Word[]} words
 * @property {{coefficients: number, bound: number | null, reach: number, insideRadius: number | null,
 *   layers: [number, number][]}} mapper
 * @property {{vertices: number, bodyVertices: number, components: number, faces: number, corners: number,
 *   origin: number[], step: number, basisStep: number,
 *   uvSteps: number, faceSize: number | null,
 *   error: {largest: number, mean: number, garments: number, settings: number} | null} | null} shape
 * @property {{height: number, centre: number[], floor: boolean, turn: number}} framing
 * @property {Piece[]} pieces
 * @property {{default: string, choices: {name: string, pieces: number[]}[]} | null} outfits
 * @property {{name: string, colour: string}[]} regions
 * @property {Paint[]} paints
 * @property {number} paintSize
 * @property {string[]} adjustable
 * @property {Record<string, string[]>} follow
 * @property {Record<string, string>[]} tones
 * @property {{name: string, colours: Record<string, string>}[]} coats
 * @property {Preset[]} presets
 * @property {{sliders: number[], outfit: string | null, colours: Record<string, string>,
 *   offset?: number[]} | null} opening
 *   offset: coefficients that a fit to a picture adds
 * @property {{crossTalkMean: number | null, crossTalkLargest: number | null, coverage: number | null,
 *   overlap: number | null, error: number | null} | null} figures error: mm on shapes that training did not see
 * @property {Record<string, ArrayPlace>} arrays
 *
 * @typedef {object} Header
 * @property {string} schema
 * @property {string} title
 * @property {string} by
 * @property {string} notice
 * @property {{href: string, label: string} | null} report
 * @property {number} open
 * @property {{packed: number, bytes: number}[]} data of the page's elements: bytes of the gzip, and unpacked
 * @property {ModelHeader[]} models
 */

const SCHEMA = "semantify.page/1";

/** The page's header. @returns {Header} @throws {Error} where there is none that can be read */
export function readHeader() {
  const text = document.getElementById("header")?.textContent;
  if (!text) throw new Error("the page has no header");
  const header = JSON.parse(text);
  if (header.schema !== SCHEMA) throw new Error(`expected ${SCHEMA}`);
  return header;
}
