import { plural } from "../../contract/plural";
import type { Call, CallAt, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { failOnOf } from "../fail-on";
import { readWholeFleet } from "../fleet/fleet";
import { type NamedFleet, parseFleets } from "../fleet/fleets-file";
import { needingIn, type Shown, statusJson } from "../fleet/status-json";
import { causesOf, shownOf } from "../fleet/status-shown";
import { unfinishedOf } from "../fleet/unfinished";
import type { Host } from "../host";
import { jsonText } from "../print/json";
import { outPaint } from "../print/stores";
import { Refusal } from "../refusal";
import { print, verdictOn } from "./status-table";

/** One stack of several as it was found, or why it could not be looked at. */
type Found = { readonly fleet: NamedFleet } & (
  | { readonly call: Call; readonly shown: Shown }
  | { readonly refusal: Refusal }
);

/** Looks at the stacks that a file names, one after another, and shows them as one fleet. */
export async function lookAcross(
  file: string,
  host: Host,
  { typed, callAt }: { readonly typed: Typed; readonly callAt: CallAt },
): Promise<ExitCode> {
  const fleets = parseFleets(await host.readFileOrPipe(file), file);
  const found: Found[] = [];
  for (const fleet of fleets) found.push(await lookAt(fleet, callAt));
  if (typed.json) host.out.write(jsonText(acrossJson(found)));
  else printAcross(host, found);
  if (found.some((one) => "refusal" in one)) return EXIT.failed;
  const failOn = failOnOf(typed);
  const causes = found.flatMap((one) => ("shown" in one ? causesOf(one.shown) : []));
  return causes.some((cause) => failOn.has(cause)) ? EXIT.needsPerson : EXIT.well;
}

/** A stack that cannot be looked at hides no other. */
async function lookAt(fleet: NamedFleet, callAt: CallAt): Promise<Found> {
  try {
    const call = await callAt(fleet);
    const whole = { ...(await readWholeFleet(call)), missing: [] };
    return { fleet, call, shown: await shownOf(whole, call) };
  } catch (error) {
    if (error instanceof Refusal) return { fleet, refusal: error };
    throw error;
  }
}

function acrossJson(found: readonly Found[]): object {
  const fleets = found.map((one) => {
    const { region, profile } = one.fleet.address;
    const place = { fleet: one.fleet.name, region, profile };
    if ("refusal" in one) return { ...place, prefix: one.fleet.prefix, error: one.refusal.json };
    return { ...place, ...statusJson(one.call, one.shown) };
  });
  return { fleets, stores_needing_a_person: sum(found, needingIn) };
}

function printAcross(host: Host, found: readonly Found[]): void {
  const paint = outPaint(host);
  for (const one of found) {
    host.out.write(`${paint(one.fleet.name, "bold")}\n\n`);
    if ("shown" in one) print(one.call, one.shown);
    else host.out.write(`${paint("cannot be looked at", "red")}: ${one.refusal.line}\n`);
    host.out.write("\n");
  }
  const unseen = found.filter((one) => "refusal" in one).length;
  const [stores, needing] = [sum(found, ({ rows }) => rows.length), sum(found, needingIn)];
  const verdict = verdictOn(
    needing,
    sum(found, ({ rows }) => unfinishedOf(rows).length),
  );
  const but = unseen === 0 ? "" : `; ${plural(unseen, "fleet")} could not be looked at`;
  host.out.write(
    `${plural(found.length, "fleet")}, ${plural(stores, "store")}: ${verdict}${but}\n`,
  );
}

function sum(found: readonly Found[], of: (shown: Shown) => number): number {
  return found.reduce((total, one) => total + ("shown" in one ? of(one.shown) : 0), 0);
}
