import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { epochMs, HOUR_MS } from "../../../contract/time";
import { readRecord } from "../../../local/demo/records";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { CHANGED_BEHIND_ITS_BACK, changeBehindItsBack } from "./behind-its-back";
import { changesIn, type Declared, DeclaredStack, differencesIn } from "./declared-stack";
import { copyProject } from "./project-copy";
import { crowd, describeSecret, historyOf, invokeFunction } from "./secret-history";

const { acme, heritage } = DEV_STORES;
const OPERATORS_TOKEN = "shpat_put-by-an-operator";
const ROTATIONS = 4;
/** Versions besides the rotations' own; a day may bring a hundred, and about as many are kept. */
const CROWD = { early: 90, late: 30 };

const CONFIG = {
  apps: { fulfilment: { clientId: DEV_APPS.fulfilment.clientId } },
  clientSecrets: { fulfilment: DEV_APPS.fulfilment.clientSecret },
  accessTokens: { heritage: heritage.accessToken },
  stores: {
    acme: { kind: acme.kind, shop: acme.shop, app: acme.app, scopes: acme.scopes },
    heritage: { kind: heritage.kind, shop: heritage.shop, scopes: heritage.scopes },
  },
};

/**
 * No deploy puts an old token back: whatever Pulumi does after the functions have written, the values and
 * their labels stay. The tests of this file build on each other.
 */
describe("re-apply", () => {
  let world: World;
  let stack: DeclaredStack;
  let stores: Readonly<Record<string, StoreOutput>>;
  let projectDir: string;
  let oldState: string;
  let firstVersions: string[];
  let settled: string[][];

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    projectDir = copyProject(world);
    stack = new DeclaredStack(world, { projectDir });
    await stack.must(stack.engine.run(["stack", "init"]));
    stack.declare(CONFIG);
    await stack.must(stack.up());
    stores = await stack.stores();
    firstVersions = await historyOf(world, arnOf("acme"));
    oldState = join(world.folder, "old-state.json");
    await stack.must(stack.engine.run(["stack", "export", "--file", oldState]));
    await crowd(world, arnOf("acme"), CROWD.early);
    await world.driver.moveTo(epochMs(world.clock.now() + ROTATIONS * 8 * HOUR_MS));
    await crowd(world, arnOf("acme"), CROWD.late);
    await putNewerToken();
    settled = await histories();
  });

  afterAll(async () => {
    await world?.stop();
  });

  function arnOf(store: string): string {
    return stores[store]?.secretArn ?? "";
  }

  function histories(): Promise<string[][]> {
    return Promise.all(["acme", "heritage"].map((store) => historyOf(world, arnOf(store))));
  }

  async function putNewerToken(): Promise<void> {
    const { shop, kind, scopes } = heritage;
    world.shopify.imitation.control.issueToken({
      clientId: "local-world-undeclared-client-id",
      shop,
      kind,
      accessToken: OPERATORS_TOKEN,
      scopes: [...scopes],
    });
    await invokeFunction(world, "enrol", {
      action: "enrol",
      store: "heritage",
      secret_arn: arnOf("heritage"),
      kind,
      shop,
      app: "",
      app_secret_version: "",
      access_token: OPERATORS_TOKEN,
      token_source: "operator",
      salt: "0123456789abcdef",
    });
  }

  async function expectUntouched(): Promise<void> {
    expect(await histories()).toEqual(settled);
    const { record } = await readRecord(world, arnOf("heritage"));
    expect(record.accessToken.unseal()).toBe(OPERATORS_TOKEN);
  }

  /** The run succeeds, does just what its preview shows, and writes no value. */
  async function expectOnly(changes: readonly string[], declared: Declared) {
    stack.declare(declared);
    expect(changesIn(await stack.must(stack.preview()))).toEqual(changes);
    expect(changesIn(await stack.must(stack.up()))).toEqual(changes);
    await expectUntouched();
  }

  test("after rotations, pruned versions and a newer token there is something to lose", async () => {
    const [acmeVersions = []] = settled;
    const [first = ""] = firstVersions.map((version) => version.split(" ")[0]);
    expect(acmeVersions).toHaveLength(100);
    expect(acmeVersions.filter((version) => version.startsWith(first))).toEqual([]);
    const { record } = await readRecord(world, arnOf("acme"));
    const accessToken = record.accessToken.unseal();
    expect(world.shopify.imitation.control.tokenLife({ accessToken }).death).toBeNull();
    await expectUntouched();
  });

  test("up does nothing", async () => {
    await expectOnly([], CONFIG);
  });

  test("refresh and a preview with refresh see nothing", async () => {
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    await stack.must(stack.engine.run(["refresh", "--yes", "--expect-no-changes"]));
    await expectUntouched();
  });

  test("a new schedule rotates nothing by itself", async () => {
    const stretched = { ...CONFIG, rotationHours: 6 };
    await expectOnly(["~ aws:secretsmanager:SecretRotation acme-rotation"], stretched);
    await expectOnly(["~ aws:secretsmanager:SecretRotation acme-rotation"], CONFIG);
  });

  test("changed scopes are looked at, and nothing is written", async () => {
    const fewer = {
      ...CONFIG,
      stores: { ...CONFIG.stores, acme: { ...CONFIG.stores.acme, scopes: ["read_orders"] } },
    };
    const changes = [
      "+- aws:lambda:Invocation acme-enrolment",
      "~ aws:secretsmanager:Secret acme-secret",
    ];
    await expectOnly(changes, fewer);
    await expectOnly(changes, CONFIG);
  });

  test("another API version changes a description, and nothing is written", async () => {
    const acmeLater = { ...CONFIG.stores.acme, apiVersion: "2026-07" };
    const later = { ...CONFIG, stores: { ...CONFIG.stores, acme: acmeLater } };
    const changes = [
      "+- aws:lambda:Invocation acme-enrolment",
      "~ aws:secretsmanager:Secret acme-secret",
    ];
    await expectOnly(changes, later);
    expect((await describeSecret(world, arnOf("acme"))).Description).toContain('"api":"2026-07"');
    await expectOnly(changes, CONFIG);
  });

  test("tags change tags", async () => {
    stack.declare({ ...CONFIG, tags: { team: "shops" } });
    const preview = changesIn(await stack.must(stack.preview()));
    expect(preview.filter((change) => !change.startsWith("~"))).toEqual([]);
    expect(preview).toContain("~ aws:secretsmanager:Secret acme-secret");
    expect(changesIn(await stack.must(stack.up()))).toEqual(preview);
    await expectUntouched();
  });

  test("a new version of a function updates the function", async () => {
    for (const role of ["enrol", "rotate"]) {
      appendFileSync(join(projectDir, "dist/lambda", role, "index.mjs"), "// another version\n");
    }
    const changes = [
      "~ aws:lambda:Function enrol-function",
      "~ aws:lambda:Function rotate-function",
    ];
    await expectOnly(changes, { ...CONFIG, tags: { team: "shops" } });
  });

  test("every enrolment forced to run again writes nothing", async () => {
    const urns = "urn:pulumi:dev::shopify-secrets::**$aws:lambda/invocation:Invocation::**";
    const output = await stack.must(stack.up("--replace", urns));
    expect(changesIn(output).filter((change) => change.includes("Invocation"))).toHaveLength(2);
    await expectUntouched();
  });

  test("a replaced enrol function enrols again and writes nothing", async () => {
    const urn = "urn:pulumi:dev::shopify-secrets::**$aws:lambda/function:Function::enrol-function";
    await stack.must(stack.up("--replace", urn));
    await expectUntouched();
  });

  test("an older state file, put back, takes no token back", async () => {
    await stack.must(stack.engine.run(["stack", "import", "--file", oldState]));
    await stack.must(stack.up());
    await expectUntouched();
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  test("what somebody changed behind Pulumi's back shows, and functions' own tags do not", async () => {
    await changeBehindItsBack(world, arnOf);
    const { exitCode, output } = await stack.preview("--refresh", "--expect-no-changes");
    expect(exitCode).not.toBe(0);
    expect(differencesIn(output)).toEqual(CHANGED_BEHIND_ITS_BACK);
  });

  test("up with refresh brings it back, and no value with it", async () => {
    await stack.must(stack.up("--refresh"));
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    await expectUntouched();
  });
});
