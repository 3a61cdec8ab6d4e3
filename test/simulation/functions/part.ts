/** The parts of the product that act in the simulation. */
export const PARTS = [
  "rotate",
  "enrol",
  "sweep",
  "sweep-queue",
  "install",
  "reader",
  "command",
] as const;

export type Part = (typeof PARTS)[number];
