import { CodedError } from "../../contract/errors";
import { isOtherSchedule } from "../../contract/listed/list-plan";
import { type ListWork, listedStoreOf } from "../../contract/listed/list-work";
import { scheduleStore } from "../stores/schedule-store";
import type { ApplyDeps } from "./deps";

/** Gives a store with a value the rotation that the list wants, or none; what is as it should be stays. */
export async function schedule(work: ListWork, deps: ApplyDeps): Promise<void> {
  const found = await deps.find(work.secretName);
  if (found === undefined) throw new CodedError("secret_not_found", { store: work.store });
  const { secretArn, facts } = found;
  if (!isOtherSchedule(listedStoreOf(work), facts)) return;
  const { rotationHours: hours, store: key } = work;
  if (hours === undefined) return await deps.maker.unschedule(secretArn);
  const { rotationFunctionArn: functionArn } = deps;
  await scheduleStore({ secretArn, key }, { functionArn, hours }, deps);
}
