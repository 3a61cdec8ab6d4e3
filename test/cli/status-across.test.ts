import { DAY_MS, HOUR_MS, later } from "../../contract/time";
import { NOW, Operator, PREFIX } from "./arrange";

const FILE = `# production
eu:
  region: eu-central-1
  profile: prod-eu
  prefix: ${PREFIX}
us:
  region: us-east-1
`;

async function here(): Promise<Operator> {
  const made = new Operator();
  await made.addStore({
    key: "acme",
    kind: "client-credentials",
    app: "erp",
    expiresAt: later(NOW, DAY_MS),
    lastSuccessAt: later(NOW, -HOUR_MS),
  });
  await made.schedule("acme");
  return made;
}

async function elsewhere(state: "ok" | "dead" = "ok"): Promise<Operator> {
  const made = new Operator();
  await made.addStore({
    key: "heritage",
    kind: "custom-app",
    state,
    ...(state === "dead" ? { error: { code: "token_dead", at: NOW } } : {}),
  });
  return made;
}

async function fleets(us: Operator, file = FILE): Promise<Operator> {
  const eu = await here();
  eu.input = file;
  eu.places.set("us-east-1", us);
  return eu;
}

test("shows the stacks of several regions and accounts as one fleet", async () => {
  const operator = await fleets(await elsewhere());
  const { code, out } = await operator.type("status --fleet fleets.yaml");
  expect(code).toBe(0);
  expect(operator.addresses).toEqual([
    { region: "eu-central-1", profile: "prod-eu" },
    { region: "us-east-1", profile: undefined },
  ]);
  expect(out).toMatch(/^eu\n\nSTORE .*\nacme .*\nus\n\nSTORE .*\nheritage /s);
  expect(out).toMatch(/\n2 fleets, 2 stores: all well\n$/);
});

test("what is made and unfinished is counted, and not called well", async () => {
  const us = await elsewhere();
  await us.addStore({ key: "bare", kind: "client-credentials", app: "erp", hasValue: false });
  const { code, out } = await (await fleets(us)).type("status --fleet fleets.yaml");
  expect(out).toMatch(/\n2 fleets, 3 stores: 1 unfinished\n$/);
  expect(code).toBe(0);
});

test("a store that needs a person turns the exit code, wherever it is", async () => {
  const { code, out } = await (await fleets(await elsewhere("dead"))).type(
    "status --fleet fleets.yaml",
  );
  expect(code).toBe(1);
  expect(out).toContain("Next: shopify-secrets put heritage");
  expect(out).toMatch(/\n2 fleets, 2 stores: 1 needs a person\n$/);
});

test("a stack that cannot be looked at hides no other, and the exit code says so", async () => {
  const gone = new Operator();
  gone.mayConnect = false;
  const operator = await fleets(gone);
  const { code, out } = await operator.type("status --fleet fleets.yaml");
  expect(code).toBe(3);
  expect(out).toContain("acme");
  expect(out).toContain("us\n\ncannot be looked at: no AWS region is set. Next: give --region\n");
  expect(out).toMatch(/all well; 1 fleet could not be looked at\n$/);
  const json = JSON.parse((await operator.type("status --fleet fleets.yaml --json")).out);
  expect(json).toMatchObject({
    stores_needing_a_person: 0,
    fleets: [
      {
        fleet: "eu",
        region: "eu-central-1",
        profile: "prod-eu",
        prefix: PREFIX,
        stores: [{ store: "acme" }],
      },
      { fleet: "us", region: "us-east-1", profile: null, error: { says: "no AWS region is set" } },
    ],
  });
});

test.each<[string, string, string]>([
  ["no YAML", "a: [", "is no YAML with a name for each fleet"],
  ["a list", "- eu\n", "is no YAML with a name for each fleet"],
  ["no fleet", "{}", "names no fleet"],
  [
    "a misspelt key",
    "eu:\n  regoin: eu-central-1\n",
    "has something else than region, profile and prefix below eu",
  ],
  ["a number", "eu:\n  prefix: 7\n", "has a prefix below eu that is no text"],
  ["a text", "eu: shopify/prod\n", "has no region, profile or prefix below eu"],
])("a file of fleets with %s is refused before anybody is asked", async (_what, file, says) => {
  const operator = await fleets(await elsewhere(), file);
  const { code, err } = await operator.type("status --fleet fleets.yaml");
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(`the file of fleets (fleets.yaml) ${says}`),
  ]);
  expect(operator.addresses).toEqual([]);
});

test.each(["eu:\n  region: europe\n", "eu:\n  prefix: /shopify/\n"])(
  "so is what is none: %j",
  async (file) => {
    const { code, err } = await (await fleets(await elsewhere(), file)).type(
      "status --fleet fleets.yaml",
    );
    expect([code, err]).toEqual([2, expect.stringMatching(/is no (AWS region|prefix)/)]);
  },
);

test.each([
  "acme --fleet f",
  "--fleet f --stack prod",
  "--fleet f --prefix shopify/prod",
  "--fleet f --watch",
  "--fleet f --names",
])("status %s: one stack or several", async (words) => {
  const { code, err } = await (await here()).type(`status ${words}`);
  expect([code, err]).toEqual([2, expect.stringContaining("--fleet names the stacks")]);
});

test("a failure that nobody foresaw is not taken for a stack that cannot be looked at", async () => {
  const operator = await fleets(await elsewhere());
  operator.places.set("us-east-1", undefined as never);
  const { code, err } = await operator.type("status --fleet fleets.yaml");
  expect([code, err]).toEqual([3, expect.stringContaining("that we did not foresee")]);
});
