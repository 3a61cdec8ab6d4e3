import type { CallPoint } from "../../test/lambda/world/faults";
import { HOUR, LambdaWorld, MINUTE } from "../../test/lambda/world/lambda-world";

/** The calls of one successful renewal on a warm function. */
export interface CallCount {
  readonly renewal: string;
  /** Of Secrets Manager, the read of the app credential not counted. */
  readonly secretsManager: number;
  readonly kms: number;
  readonly shopify: number;
  readonly budget: string;
}

/** Counts the calls of each way to renew, the second time that it happens in a process. */
export async function countCalls(): Promise<CallCount[]> {
  return [
    {
      renewal: "client credentials, four rotation steps",
      ...(await countRotation()),
      budget: "6 AWS, 2 Shopify",
    },
    {
      renewal: "client credentials, direct",
      ...(await countDirect("client-credentials")),
      budget: "6 AWS, 2 Shopify",
    },
    {
      renewal: "refreshable pair, direct",
      ...(await countDirect("offline-expiring")),
      budget: "8 AWS, 2 KMS, 2 Shopify",
    },
  ];
}

type Counts = Pick<CallCount, "secretsManager" | "kms" | "shopify">;

async function countRotation(): Promise<Counts> {
  const world = await LambdaWorld.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  for (let time = 0; time < 2; time += 1) {
    world.clock.now += 8 * HOUR;
    world.calls.length = 0;
    await world.rotateNow();
  }
  return counted(world);
}

async function countDirect(kind: "client-credentials" | "offline-expiring"): Promise<Counts> {
  const world = await LambdaWorld.create({ kind });
  for (let time = 0; time < 2; time += 1) {
    world.clock.now += 31 * MINUTE;
    world.calls.length = 0;
    await world.renew();
  }
  return counted(world);
}

function counted(world: LambdaWorld): Counts {
  if (world.failures.length > 0) throw new Error("a renewal of the bench failed");
  const of = (target: CallPoint["target"]) =>
    world.calls.filter((call) => call.target === target).length;
  const appCredential = 1;
  return {
    secretsManager: of("secrets-manager") - appCredential,
    kms: of("kms"),
    shopify: of("shopify"),
  };
}
