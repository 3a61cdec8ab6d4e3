import { KINDS, type Kind } from "../../contract/kinds";
import { FleetStand } from "../../test/lambda/stand/fleet-stand";
import { DAY, HOUR } from "../../test/simulation/stage";
import { measureRotations } from "../rotation/rotations";

/** What one store of a kind asks of AWS in a month of thirty days, without trouble. */
export interface Asked {
  readonly secretsManager: number;
  /** Those of them that read or write a value, each of which Secrets Manager decrypts or encrypts with the key. */
  readonly values: number;
  readonly kms: number;
  /** Renewals, by whoever renews the kind. */
  readonly renewals: number;
  /** Invocations of the rotate function. */
  readonly rotationSteps: number;
}

const DAYS = 30;
const ROTATIONS_A_DAY = 3;
const STEPS = 4;

/** Counts, on the model of Secrets Manager, what the functions ask for each kind; the list of the sweep is the fleet's. */
export async function countAsked(): Promise<Readonly<Record<Kind, Asked>>> {
  const asked = {} as Record<Kind, Asked>;
  for (const kind of KINDS) asked[kind] = await countOf(kind);
  return asked;
}

async function countOf(kind: Kind): Promise<Asked> {
  const isRotated = kind === "client-credentials";
  // Half a day where Secrets Manager renews: the token is not near its end by then. A static one is tried once a day.
  const days = isRotated ? 0.5 : 1;
  const swept = await sweptFor(kind, days * DAY);
  const monthly = (count: number) => (count / days) * DAYS;
  const rotations = isRotated ? ROTATIONS_A_DAY * DAYS : 0;
  const rotation = isRotated ? await callsOfRotation() : { all: 0, values: 0 };
  return {
    secretsManager: monthly(swept.secretsManager) + rotations * rotation.all,
    values: monthly(swept.values) + rotations * rotation.values,
    kms: monthly(swept.kms),
    renewals: isRotated ? rotations : monthly(swept.renewals),
    rotationSteps: rotations * STEPS,
  };
}

type Swept = Pick<Asked, "secretsManager" | "values" | "kms" | "renewals">;

/** One store more: what a pass asks once for the whole fleet is left out. */
async function sweptFor(kind: Kind, milliseconds: number): Promise<Swept> {
  const [one, two] = [
    await sweptFleet(kind, 1, milliseconds),
    await sweptFleet(kind, 2, milliseconds),
  ];
  return {
    secretsManager: two.secretsManager - one.secretsManager,
    values: two.values - one.values,
    kms: two.kms - one.kms,
    renewals: two.renewals - one.renewals,
  };
}

async function sweptFleet(kind: Kind, stores: number, milliseconds: number): Promise<Swept> {
  const world = await FleetStand.create();
  for (let index = 0; index < stores; index += 1) await world.add(`store-${index}`, { kind });
  await world.pass(HOUR);
  world.calls.length = 0;
  await world.pass(milliseconds);
  const count = (...operations: readonly string[]) =>
    world.calls.filter(({ operation }) => operations.includes(operation)).length;
  return {
    secretsManager: world.calls.filter(({ target }) => target === "secrets-manager").length,
    values: count("GetSecretValue", "PutSecretValue"),
    kms: world.calls.filter(({ target }) => target === "kms").length,
    renewals: count("PutSecretValue"),
  };
}

/** The calls of a rotation that is the first in hours. */
async function callsOfRotation(): Promise<{ readonly all: number; readonly values: number }> {
  const ways = await measureRotations(2, { awsMs: 0, shopifyMs: 0 });
  const alone = ways.find(({ title }) => title.endsWith("the first in hours"));
  if (alone === undefined) throw new Error("the bench of rotations has no such way");
  const own = alone.calls.filter(({ target }) => target === "secrets-manager");
  const values = own.filter(({ operation }) => /^(Get|Put)SecretValue$/.test(operation));
  return { all: own.length, values: values.length };
}
