/**
 * Names that were given up, by what they name: the old one and the one that stands for it today.
 *
 * Whoever adds one here adds a test that the old name goes on working.
 */
export const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
