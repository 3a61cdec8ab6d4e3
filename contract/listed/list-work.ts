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
});

/** The line of a task. */
export function encodeWork({ store, deed, secretName, wanted }: Task, head: ListHead): string {
  return JSON.stringify({
    store,
    deed,
    secret_name: secretName,
    declaration: wanted?.declaration ?? "",
    client_id: wanted?.clientId ?? "",
    tags: wanted === undefined ? {} : head.tags,
    hours: wanted?.rotationHours,
    recovery_window_days: head.recoveryWindowDays,
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
  const { store, deed, secret_name, declaration, client_id, tags, hours, recovery_window_days } =
    parsed.output;
  return {
    store,
    deed,
    secretName: secret_name,
    declaration,
    clientId: client_id,
    tags,
    rotationHours: hours,
    recoveryWindowDays: recovery_window_days,
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
