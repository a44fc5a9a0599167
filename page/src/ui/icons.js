import { icon } from "./dom.js";

export const heat = () =>
  icon(
    "M8 2c3 3.2 4.4 5.4 4.4 7.6A4.4 4.4 0 0 1 8 14a4.4 4.4 0 0 1-4.4-4.4C3.6 7.4 5 5.2 8 2z",
    "M8 11.6a2 2 0 0 0 2-2",
  );
export const three = () => icon("M3 6v7M8 3v10M13 5v8", "M1.6 13.6h12.8");
export const reset = () => icon("M3 8a5 5 0 1 0 1.6-3.7L2.6 6.1", "M2.6 2.8v3.4h3.4");
export const random = () => icon("M2.5 2.5h11v11h-11z", "M5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01");
export const link = () =>
  icon(
    "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 1 0-3.7-3.7l-.9.9",
    "M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 1 0 3.7 3.7l.9-.9",
  );
export const down = () => icon("M8 2.5v7.6M4.8 7 8 10.2 11.2 7", "M3 13.4h10");
export const undo = () => icon("M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7", "M5.8 3.5 2.8 6.5l3 3");
export const close = () => icon("M4 4l8 8M12 4l-8 8");
