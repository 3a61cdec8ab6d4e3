import * as v from "valibot";
import { PARTY_VERBS } from "./party-verbs";
import { TOKEN_VERBS } from "./token-verbs";
import { TROUBLE_VERBS } from "./trouble-verbs";
import type { ControlDesk } from "./verb";

export const CONTROL_VERBS = { ...PARTY_VERBS, ...TOKEN_VERBS, ...TROUBLE_VERBS };

export type ControlVerb = keyof typeof CONTROL_VERBS;
type ArgsOf<V extends ControlVerb> = v.InferInput<(typeof CONTROL_VERBS)[V]["schema"]>;
type ResultOf<V extends ControlVerb> = ReturnType<(typeof CONTROL_VERBS)[V]["run"]>;
/** A verb that needs nothing may be called with nothing. */
type CallArgs<V extends ControlVerb> =
  object extends ArgsOf<V> ? [args?: ArgsOf<V>] : [args: ArgsOf<V>];

/** The imitation's levers, in process. */
export type ImitationControl = {
  readonly [V in ControlVerb]: (...args: CallArgs<V>) => ResultOf<V>;
};

/** The same levers over the control port. */
export type RemoteControl = {
  readonly [V in ControlVerb]: (...args: CallArgs<V>) => Promise<Awaited<ResultOf<V>>>;
};

/** Builds the levers of one imitation; arguments are checked, and a mistake throws. */
export function createControl(desk: ControlDesk): ImitationControl {
  const levers = Object.entries(CONTROL_VERBS).map(([name, { schema, run }]) => {
    const lever = (args: unknown = {}) => run(desk, v.parse(schema, args) as never);
    return [name, lever];
  });
  return Object.fromEntries(levers) as ImitationControl;
}

/** Every lever with the fields that its body takes; those that may be left out end in `?`. */
export function leverList(): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(CONTROL_VERBS).map(([name, { schema }]) => [name, fieldsOf(schema)]),
  );
}

function fieldsOf(schema: v.GenericSchema): string[] {
  const { entries = {} } = schema as { entries?: Readonly<Record<string, v.GenericSchema>> };
  return Object.entries(entries).map(([field, { type }]) =>
    type === "exact_optional" || type === "optional" ? `${field}?` : field,
  );
}

/** Calls a lever by name, as the control port does. */
export function pullLever(control: ImitationControl, name: string, args: unknown): unknown {
  if (!Object.hasOwn(CONTROL_VERBS, name)) throw new Error(`there is no control verb ${name}`);
  const lever = control[name as ControlVerb] as (args: unknown) => unknown;
  return lever(args);
}
