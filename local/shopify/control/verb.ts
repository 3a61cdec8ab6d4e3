import type * as v from "valibot";
import type { CallLog } from "../call-log";
import type { FaultBoard } from "../faults";
import type { App, RuleContext, Shop } from "../state";
import type { Switches } from "../switches";
import type { WebhookOutbox } from "../webhooks";

/** What a control verb may turn. */
export interface ControlDesk {
  readonly context: () => RuleContext;
  readonly switches: Switches;
  readonly faults: FaultBoard;
  readonly calls: CallLog;
  readonly outbox: WebhookOutbox;
}

export interface Verb<S extends v.GenericSchema, R> {
  readonly schema: S;
  run(desk: ControlDesk, args: v.InferOutput<S>): R;
}

/** A control verb: its arguments as a schema, and what it does; one table serves callers in process and over HTTP. */
export function verb<S extends v.GenericSchema, R>(
  schema: S,
  run: (desk: ControlDesk, args: v.InferOutput<S>) => R,
): Verb<S, R> {
  return { schema, run };
}

export function appNamed(desk: ControlDesk, clientId: string): App {
  const app = desk.context().state.apps.get(clientId);
  if (app === undefined) throw new Error("no app has this client ID");
  return app;
}

export function shopNamed(desk: ControlDesk, domain: string): Shop {
  const shop = desk.context().state.shops.get(domain);
  if (shop === undefined) throw new Error("no shop has this domain");
  return shop;
}
