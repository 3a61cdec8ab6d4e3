import type { VersionId } from "../../contract/brands";
import type { DatedVersion } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import type { LoggedLine } from "../aws/ports";
import { type Happening, happeningsIn } from "./happenings";

/** A store's past, as far as versions and logs tell it. */
export interface History {
  readonly since: EpochMs;
  readonly until: EpochMs;
  /** Oldest first. */
  readonly happenings: readonly Happening[];
  /** The values that came in this time, and the one that was there before; oldest first. */
  readonly versions: readonly DatedVersion[];
}

/** What a history is put together from. */
export interface Sources {
  readonly versions: readonly DatedVersion[];
  /** Undefined: the logs could not be read, so nothing can be said of who wrote what. */
  readonly lines: readonly LoggedLine[] | undefined;
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/**
 * Puts a store's past together: what the functions logged, and the versions that no line of theirs names.
 *
 * Those were written by hand, or by a function whose lines are gone.
 */
export function historyOf({ versions, lines, since, until }: Sources): History {
  const ordered = [...versions].sort((one, other) => one.createdAt - other.createdAt);
  const logged = happeningsIn(lines ?? []);
  const named = versionsNamed(lines ?? []);
  const unexplained =
    lines === undefined
      ? []
      : ordered.filter(({ versionId, createdAt }) => createdAt >= since && !named.has(versionId));
  const happenings = [...logged, ...unexplained.map(writtenByNobody)].sort(
    (one, other) => one.at - other.at,
  );
  return { since, until, happenings, versions: ordered.filter(isShown(ordered, since)) };
}

/** Every version that a line of the functions speaks of, also one that came to nothing. */
function versionsNamed(lines: readonly LoggedLine[]): ReadonlySet<unknown> {
  return new Set(lines.map(({ fields }) => fields["version_id"]));
}

function writtenByNobody({ versionId, createdAt }: DatedVersion): Happening {
  return { at: createdAt, what: "by_hand", code: undefined, versionId, detail: "" };
}

function isShown(
  ordered: readonly DatedVersion[],
  since: EpochMs,
): (version: DatedVersion) => boolean {
  const before = ordered.filter(({ createdAt }) => createdAt < since).at(-1)?.versionId;
  return ({ versionId, createdAt }) => createdAt >= since || versionId === before;
}

/** The first characters of a version's ID, which tell it from its neighbours. */
export function shortVersion(versionId: VersionId | undefined): string {
  return versionId === undefined ? "" : versionId.slice(0, 8);
}
