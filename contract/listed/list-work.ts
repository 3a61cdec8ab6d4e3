import * as v from "valibot";
import { isStoreKey, type StoreKey } from "../brands";
import { CodedError } from "../errors";
import { ROTATION_HOURS, type RotationHours } from "../schedule";
import { shownField } from "../shown-field";
import { DEEDS, type Deed, type Task } from "./list-plan";
import type { ListedStore, ListHead } from "./listed-store";

/** One store's work, with all that is needed for it: a line of the object that the state machine reads. */
export interface ListWork {
  readonly store: StoreKey;
  readonly deed: Deed;
  readonly secretName: string;
  /** Empty: the store leaves. */
  readonly declaration: string;
  /** The client ID of its app; empty: it names none. */
  readonly clientId: string;
  /** The tags of the stack. */
  readonly tags: Readonly<Record<string, string>>;
  readonly rotationHours: RotationHours | undefined;
  readonly recoveryWindowDays: number;
  /** The ETag of the list that wants it; undefined: the work was written before work said so. */
  readonly listEtag: string | undefined;
}

const WireWork = v.object({
  store: v.custom<StoreKey>(isStoreKey),
  deed: v.picklist(DEEDS),
  secret_name: v.string(),
  declaration: v.string(),
  client_id: v.string(),
  tags: v.record(v.string(), v.string()),
  hours: v.optional(v.picklist(ROTATION_HOURS)),
  recovery_window_days: v.number(),
  list_etag: v.optional(v.string()),
});

/** The line of a task, by the list with that ETag. */
export function encodeWork(
  { store, deed, secretName, wanted }: Task,
  { head, etag }: { readonly head: ListHead; readonly etag: string },
): string {
  return JSON.stringify({
    store,
    deed,
    secret_name: secretName,
    declaration: wanted?.declaration ?? "",
    client_id: wanted?.clientId ?? "",
    tags: wanted === undefined ? {} : head.tags,
    hours: wanted?.rotationHours,
    recovery_window_days: head.recoveryWindowDays,
    list_etag: etag,
  });
}

/**
 * Reads what the state machine hands over.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseWork(item: unknown): ListWork {
  const parsed = v.safeParse(WireWork, item);
  if (!parsed.success) {
    throw new CodedError("event_malformed", { field: shownField(parsed.issues[0], "item") });
  }
  const { secret_name, client_id, hours, recovery_window_days, list_etag, ...rest } = parsed.output;
  return {
    ...rest,
    secretName: secret_name,
    clientId: client_id,
    rotationHours: hours,
    recoveryWindowDays: recovery_window_days,
    listEtag: list_etag,
  };
}

/** The store as the list wants it. */
export function listedStoreOf({
  store,
  declaration,
  clientId,
  rotationHours,
}: ListWork): ListedStore {
  return { store, declaration, rotationHours, clientId: clientId === "" ? undefined : clientId };
}
