import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { SECRET_TAGS } from "../../contract/names";
import { declareFleet, type FleetSpec, provisionFleet } from "../../infra/library";
import { ofType, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const SECRET = "aws:secretsmanager/secret:Secret";
const OF_A_STORE = [
  SECRET,
  "aws:lambda/invocation:Invocation",
  "aws:secretsmanager/secretRotation:SecretRotation",
];
const SIZE = 1_000;

const bundles = stubBundles();

afterAll(() => bundles.remove());
beforeEach(() => {
  jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  jest.spyOn(pulumi.log, "info").mockResolvedValue();
});

const staying = (size: number) =>
  declareFleet(
    {
      apps: { fulfilment: { clientId: "client-id", distribution: "own-organization" } },
      clientSecrets: { fulfilment: "shpss_0123456789abcdef0123456789abcdef" },
      stores: Object.fromEntries(
        Array.from({ length: size }, (_, index) => [
          `shop-${index}`,
          { kind: "client-credentials", app: "fulfilment", shop: `shop-${index}.myshopify.com` },
        ]),
      ),
    },
    "shops/test",
  );

const moving = (fleet: FleetSpec, way: "to-list" | "to-config"): FleetSpec => ({
  ...fleet,
  stores: fleet.stores.map((store) => ({ ...store, moving: way })),
});

interface Request {
  getType(): string;
  getName(): string;
  getRetainondelete(): boolean;
  getDependenciesList(): string[];
}

/** What a program registers, and of how many resources of a store it says that they stay where they are. */
async function registered(spec: FleetSpec) {
  const { prototype } = MockMonitor as unknown as {
    readonly prototype: { registerResource(request: Request, answer: unknown): Promise<void> };
  };
  const register = jest.spyOn(prototype, "registerResource");
  const seen = await recordResources(() => {
    provisionFleet(spec, { bundlesFolder: bundles.folder });
  });
  const requests = register.mock.calls.map(([request]) => request);
  const ofStores = requests.filter((request) => OF_A_STORE.includes(request.getType()));
  const kept = ofStores.filter((request) => request.getRetainondelete()).length;
  return { seen, requests, kept };
}

test("a thousand stores on their way to the list are kept with all that is theirs, and marked", async () => {
  const { seen, kept } = await registered(moving(staying(SIZE), "to-list"));
  expect(kept).toBe(OF_A_STORE.length * SIZE);
  const tags = ofType(seen, SECRET).map(({ inputs }) => inputs["tags"] as Record<string, string>);
  expect(tags.filter((one) => one[SECRET_TAGS.origin] === "listed").length).toBe(SIZE);
});

test.each([
  ["to-config", OF_A_STORE.length * 3],
  [undefined, 0],
] as const)("of stores that move %s nothing is marked, and %i are kept", async (way, most) => {
  const { seen, kept } = await registered(way === undefined ? staying(3) : moving(staying(3), way));
  expect(kept).toBe(most);
  expect(JSON.stringify(ofType(seen, SECRET))).not.toContain(SECRET_TAGS.origin);
});

test("a store is marked as the list's once the list that names it is uploaded, and no other waits for it", async () => {
  const [first, ...others] = staying(3).stores;
  if (first === undefined) throw new Error("there is no store");
  const settings = { file: "stores.jsonl", retireAtMost: 10, toleratedFailures: 20 };
  const { requests } = await registered({
    ...staying(3),
    stores: [{ ...first, moving: "to-list" }, ...others],
    listed: { ...settings, concurrency: 20, stores: [first] },
  });
  const dependenciesOf = (name: string) =>
    requests.find((request) => request.getName() === name)?.getDependenciesList() ?? [];
  const waitsForList = (name: string) =>
    dependenciesOf(name).some((urn) => urn.endsWith("::apply-list"));
  expect(["shop-0", "shop-1", "shop-2"].map((key) => waitsForList(`${key}-secret`))).toEqual([
    true,
    false,
    false,
  ]);
  expect(dependenciesOf("apply-list").filter((urn) => urn.endsWith("-secret"))).toEqual([]);
});
