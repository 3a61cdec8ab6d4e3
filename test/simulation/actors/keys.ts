import type { KeyArn } from "../../../contract/brands";
import { signingKeyPair } from "../aws/kms";
import { APP, MINUTE } from "../stage";
import type { World } from "../world";
import { commandSaid } from "./operator";

/** Where it happens, and to which store. */
interface Place {
  readonly world: World;
  readonly key: string;
}

/** The worlds in which somebody is at it. */
const changing = new WeakSet<World>();

/** One step of the change of the app's key: what the command says is done, and what it does not say is not. */
export async function goOnWithTheKey({ world }: Pick<Place, "world">): Promise<void> {
  if (world.signs === undefined || changing.has(world)) return;
  changing.add(world);
  try {
    await nextStep(world);
  } finally {
    changing.delete(world);
  }
}

async function nextStep(world: World): Promise<void> {
  const [first, other] = world.signingKeys;
  if (first === undefined) return;
  if (other === undefined) return await config(world, [first, world.makeKey()]);
  const { exitCode, out } = await commandSaid(["rotate", "--signing-key", APP, "--json"], world);
  const { step } = (out === "" ? {} : JSON.parse(out)) as { readonly step?: string };
  const unpasted = world.signingKeys.find((keyArn) => world.keyAtShopify(keyArn) === "unpasted");
  if (step === "paste" && unpasted !== undefined) return world.pasteKey(unpasted);
  if (step === "switch") return await config(world, [other, first]);
  if (step !== "revoke" || exitCode !== 0) return;
  world.revokeKey(other);
  await config(world, [first]);
}

/** `pulumi up` with these keys: every store is enrolled anew. */
async function config(world: World, keyArns: readonly KeyArn[]): Promise<void> {
  await world.putKeys(keyArns);
  for (const key of world.declared) await world.enrol(key);
}

/** Config declares a store for the app's key, and `up` enrols it. */
export async function moveToTheKey({ world, key }: Place): Promise<void> {
  if (world.signs === undefined) return;
  await world.redeclare(key, "client-credentials");
  await world.enrol(key);
  if (world.signs === "own-organization") await world.scheduleRotation(key);
}

/** Somebody disables the key that signs, or has it deleted, and thinks better of it. */
export async function keepFromSigning(
  what: "disable the key" | "delete the key",
  minutes: number,
  { world }: Place,
): Promise<void> {
  const [first] = world.signingKeys;
  if (first === undefined) return;
  const key = signingKeyPair(first);
  key.state = what === "disable the key" ? "Disabled" : "PendingDeletion";
  await world.timeline.sleep(minutes * MINUTE);
  key.state = "Enabled";
}

/** Somebody revokes the key that signs, in the Dev Dashboard, without a word. */
export function revokeTheKey({ world }: Place): void {
  const [first] = world.signingKeys;
  if (first === undefined || world.keyAtShopify(first) !== "live") return;
  world.revokeKey(first);
}

/** People put the app's keys right. */
export async function mendKeys(world: World): Promise<void> {
  if (world.signs === undefined) return;
  for (const keyArn of world.signingKeys) {
    signingKeyPair(keyArn).state = "Enabled";
    if (world.keyAtShopify(keyArn) === "unpasted") world.pasteKey(keyArn);
  }
  const live = world.signingKeys.filter((keyArn) => world.keyAtShopify(keyArn) === "live");
  if (live.length === world.signingKeys.length) return;
  // Tokens may have ended with the key that was revoked, which nothing tells: `up` gets new ones.
  await config(world, live.length > 0 ? live : [pastedKey(world)]);
}

function pastedKey(world: World): KeyArn {
  const fresh = world.makeKey();
  world.pasteKey(fresh);
  return fresh;
}
