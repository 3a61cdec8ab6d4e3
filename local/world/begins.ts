import { type EpochMs, parseIso } from "../../contract/time";

/** Names the instant at which a world begins, in ISO 8601 with its offset, such as `2026-12-31T21:05:00Z`. */
export const WORLD_BEGINS = "SHOPIFY_SECRETS_WORLD_BEGINS";

/** ISO 8601 to the minute or finer, in UTC or with its offset: a local time would begin elsewhere on each machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads an instant; throws an error that names `where` it stands for what is none. */
export function instantOf(text: string, where = WORLD_BEGINS): EpochMs {
  const instant = INSTANT.test(text) ? parseIso(text) : undefined;
  if (instant === undefined) {
    throw new Error(`${where} is an instant such as 2026-12-31T21:05:00Z, and "${text}" is none`);
  }
  return instant;
}

/** The instant that the environment names; undefined: it names none, and the world begins now. */
export function beginsAtOf(
  environment: Readonly<Record<string, string | undefined>>,
): EpochMs | undefined {
  const text = environment[WORLD_BEGINS];
  return text === undefined || text === "" ? undefined : instantOf(text);
}
