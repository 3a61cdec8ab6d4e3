/** A change of one source file, exact to the character, as a planted mistake makes it. */
export interface Patch {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly search: string;
  readonly replace: string;
}

/** A patch whose text to replace is not there exactly once: the sources have moved on. */
export class StalePatch extends Error {}

/**
 * The source with the patch applied.
 *
 * @throws {StalePatch}
 */
export function patched(source: string, { file, search, replace }: Patch): string {
  const parts = source.split(search);
  if (parts.length !== 2) {
    const times = parts.length - 1;
    throw new StalePatch(`${file} has ${times} times what the patch replaces: ${search}`);
  }
  return parts.join(replace);
}
