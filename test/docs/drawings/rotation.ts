import { StoreStand } from "../../lambda/stand/store-stand";

const NAMES: Readonly<Record<string, string>> = {
  "secrets-manager": "SM",
  kms: "KMS",
  shopify: "SH",
};

const SHOPIFYS: Readonly<Record<string, string>> = {
  "/admin/oauth/access_token": "client ID and client secret",
};

/** One rotation of a client-credentials store: the calls that the rotate function really made, in their order. */
export async function drawRotation(): Promise<string> {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  const first = world.calls.length;
  const events: { readonly step: string; readonly at: number }[] = [];
  const { deliveries } = world;
  const push = deliveries.push.bind(deliveries);
  deliveries.push = (...given) => {
    for (const event of given) {
      events.push({ step: (event as { Step: string }).Step, at: world.calls.length });
    }
    return push(...given);
  };
  await world.rotateNow();
  const lines = world.calls.slice(first).flatMap(({ target, operation }, index) => {
    const steps = events.filter(({ at }) => at === first + index);
    const call = `    F->>${NAMES[target]}: ${SHOPIFYS[operation] ?? nameOf(operation)}`;
    return [...steps.map(({ step }) => `    SM->>F: ${step}`), call];
  });
  const last = events.filter(({ at }) => at >= world.calls.length);
  return [
    "sequenceDiagram",
    "    participant SM as Secrets Manager",
    "    participant F as rotate function",
    "    participant SH as Shopify",
    "    Note over SM: the window of the schedule opens",
    ...lines,
    ...last.map(({ step }) => `    SM->>F: ${step}`),
    "    Note over SM: AWSCURRENT is the new token, AWSPREVIOUS the one before, which works on",
  ].join("\n");
}

/** A path of the Admin API without its version, which changes with the quarters. */
function nameOf(operation: string): string {
  return /^\/admin\/api\/[\d-]+\/graphql/.test(operation)
    ? "one query with the new token"
    : operation;
}
