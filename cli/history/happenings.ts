import { isVersionId, type VersionId } from "../../contract/brands";
import type { EpochMs } from "../../contract/time";
import type { LoggedLine } from "../aws/ports";
import type { Colour } from "../print/colour";

/** Something that happened to a store. */
export interface Happening {
  readonly at: EpochMs;
  readonly what: What;
  /** Undefined: nothing was wrong. */
  readonly code: string | undefined;
  /** The version that came of it, or that it is about. */
  readonly versionId: VersionId | undefined;
  /** What else the line says of it. */
  readonly detail: string;
}

/** How each thing that can happen reads, and how it looks. */
export const WHATS = {
  enrolled: { colour: "green", says: "enrolled" },
  renewed: { colour: "green", says: "renewed" },
  approved: { colour: "green", says: "approved by the merchant" },
  rescued: { colour: "yellow", says: "chain rescued" },
  link_opened: { colour: "dim", says: "install link opened" },
  refused: { colour: "red", says: "refused by Shopify" },
  failed: { colour: "red", says: "attempt failed" },
  approval_failed: { colour: "red", says: "approval failed" },
  told: { colour: "yellow", says: "people were told" },
  announced: { colour: "yellow", says: "webhook of Shopify" },
  by_hand: { colour: "yellow", says: "written by nobody's log" },
} as const satisfies Readonly<Record<string, { colour: Colour; says: string }>>;

export type What = keyof typeof WHATS;

type Fields = LoggedLine["fields"];
type Reading = (fields: Fields) => { readonly what: What; readonly detail?: string } | undefined;

const isFailed = (fields: Fields) => fields["outcome"] === "failed";

/** What the functions' log events mean for a store; an event that is not here is a detail of one that is. */
const READINGS: Readonly<Record<string, Reading>> = {
  "enrolment.done": (fields) =>
    isFailed(fields) ? { what: "failed", detail: "enrolment" } : undefined,
  "enrolment.written": (fields) => ({ what: "enrolled", detail: textOf(fields, "why") }),
  // Of a rotation's four steps the last one counts, and whichever failed.
  "rotation.step": (fields) => {
    if (isFailed(fields)) return { what: "failed", detail: `rotation, ${textOf(fields, "step")}` };
    return fields["step"] === "finishSecret"
      ? { what: "renewed", detail: "by rotation" }
      : undefined;
  },
  "rotation.promoted": () => ({ what: "renewed", detail: "by the sweep" }),
  "rotation.chain_recovered": () => ({ what: "rescued" }),
  "sweep.pair_promoted": () => ({ what: "renewed", detail: "a pair that was left behind" }),
  "sweep.store": (fields) =>
    fields["did"] === "failed"
      ? { what: "failed", detail: `sweep, ${textOf(fields, "state")}` }
      : undefined,
  "sweep.notice": (fields) => ({
    what: "told",
    detail: [textOf(fields, "turn"), textOf(fields, "state")].filter(Boolean).join(": "),
  }),
  "shopify.token_refused": () => ({ what: "refused" }),
  "install.begun": () => ({ what: "link_opened" }),
  "install.promoted": () => ({ what: "approved" }),
  "install.refused": () => ({ what: "approval_failed" }),
  "install.failed": () => ({ what: "approval_failed" }),
  "webhook.handled": (fields) => ({ what: "announced", detail: textOf(fields, "topic") }),
};

/** What the lines of a store's functions tell, oldest first. */
export function happeningsIn(lines: readonly LoggedLine[]): Happening[] {
  return lines
    .flatMap(({ at, fields }) => {
      const reading = READINGS[textOf(fields, "event")]?.(fields);
      if (reading === undefined) return [];
      const code = textOf(fields, "code");
      const versionId = fields["version_id"];
      return [
        {
          at,
          what: reading.what,
          code: code === "" ? undefined : code,
          versionId: isVersionId(versionId) ? versionId : undefined,
          detail: reading.detail ?? "",
        },
      ];
    })
    .sort((one, other) => one.at - other.at);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}
