import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiGatewayV2Client, DeleteRouteCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { HOUR_MS, later } from "../../../contract/time";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import type { World } from "../../../local/world/world";
import {
  beforeRename,
  EVERY_KIND,
  type RecordedConfig,
  STORES_FILE,
} from "../../recorded/declared";
import { recordedState } from "../../recorded/recorded-stack";
import { beginWorld } from "../begin-world";
import { changesIn, DeclaredStack } from "./declared-stack";
import { NEW_SINCE } from "./new-since";
import { copyProject } from "./project-copy";
import { historyOf } from "./secret-history";

interface Resource {
  readonly urn: string;
  readonly id?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const resourcesIn = (state: string): readonly Resource[] =>
  (JSON.parse(state) as { deployment: { resources: Resource[] } }).deployment.resources;

/** What the account calls a resource: its ID, and the texts of its outputs that name it. */
function namesOf({ id = "", outputs = {} }: Resource): Readonly<Record<string, string>> {
  const texts = Object.entries(outputs).flatMap(([name, value]) =>
    /^(?:name|arn|keyId|apiId|apiEndpoint|executionArn|invokeArn|versionId|secretId)$/.test(name) &&
    typeof value === "string"
      ? [[name, value]]
      : [],
  );
  return { id, ...(Object.fromEntries(texts) as Record<string, string>) };
}

/** A recorded state with the IDs that the resources of the same URNs have in another account. */
function withIdsOf(there: string, recorded: string): string {
  const found = new Map(resourcesIn(there).map((resource) => [resource.urn, namesOf(resource)]));
  const pairs = resourcesIn(recorded).flatMap((resource) => {
    const now = found.get(resource.urn) ?? {};
    return Object.entries(namesOf(resource)).flatMap(([name, was]) => {
      const is = now[name];
      if (is === undefined || is === was || was.length < 8) return [];
      // The end of a secret's ARN stands alone in the salt of its enrolment.
      const ends = { was: `${was.slice(-6)}-`, is: `${is.slice(-6)}-` };
      return /:secret:[^|]*$/.test(was) ? [{ was, is }, ends] : [{ was, is }];
    });
  });
  return pairs
    .sort((one, other) => other.was.length - one.was.length)
    .reduce((state, { was, is }) => state.replaceAll(was, is), recorded);
}

/**
 * The state that bd3089e left behind is brought up in an account that really holds its resources: those that today's
 * program made from the same config, less what came since. Only the IDs that AWS gives are exchanged in the state; what
 * the resources are, their code and their policies are the older program's in it, so that the run has them to change.
 */
describe("the recorded state of bd3089e, brought up", () => {
  let world: World;
  let stack: DeclaredStack;
  let projectDir: string;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z", { switches: { listLagMs: 0 } });
    for (const store of ["stark", "gallery", "umbra", "hooli", "boutique"]) {
      world.shopify.imitation.control.addShop({ shop: `${store}.myshopify.com` });
    }
    projectDir = copyProject(world);
    stack = new DeclaredStack(world, { projectDir });
    await stack.must(stack.engine.run(["stack", "init"]));
    declare(beforeRename(EVERY_KIND));
    await stack.must(stack.up());
    declare(EVERY_KIND);
    await stack.must(stack.up());
  });

  afterAll(async () => {
    await world?.stop();
  });

  function declare({ config, storesFile }: RecordedConfig): void {
    if (storesFile !== undefined) writeFileSync(join(projectDir, STORES_FILE), storesFile);
    stack.declare(config);
  }

  async function state(...options: string[]): Promise<string> {
    const file = join(world.folder, "exported.json");
    await stack.must(stack.engine.run(["stack", "export", "--file", file, ...options]));
    return readFileSync(file, "utf8");
  }

  async function take(text: string): Promise<void> {
    const file = join(world.folder, "taken.json");
    writeFileSync(file, text);
    await stack.must(stack.engine.run(["stack", "import", "--file", file]));
  }

  async function versions(): Promise<Readonly<Record<string, readonly string[]>>> {
    const stores: Readonly<Record<string, StoreOutput>> = await stack.stores();
    const all = Object.entries(stores).map(async ([store, { secretArn }]) => [
      store,
      await historyOf(world, secretArn),
    ]);
    return Object.fromEntries(await Promise.all(all)) as Record<string, string[]>;
  }

  /** A route and an alarm are not made twice; a dashboard, and what Lambda does with failed calls, are put over what is there. */
  async function removeWhatIsNew(exported: string): Promise<void> {
    const client = new ApiGatewayV2Client(clientConfigOf(world));
    const cloudWatch = new CloudWatchClient(clientConfigOf(world));
    try {
      for (const { urn, id: RouteId, outputs = {} } of resourcesIn(exported)) {
        if (urn.endsWith("::alarms-install-refusals")) {
          await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [RouteId ?? ""] }));
        }
        if (!/::install-route-(?:appUrl|approve)$/.test(urn)) continue;
        await client.send(new DeleteRouteCommand({ ApiId: String(outputs["apiId"]), RouteId }));
      }
    } finally {
      client.destroy();
      cloudWatch.destroy();
    }
  }

  test("replaces and enrols nothing, leaves every version as it was, and has nothing left to do", async () => {
    await removeWhatIsNew(await state());
    const before = await versions();
    const there = await state();
    await take(recordedState("bd3089e", "every-kind"));
    await take(withIdsOf(there, await state("--show-secrets")));

    const changes = changesIn(await stack.must(stack.up()));

    expect(changes.filter((change) => !/^[+~] /.test(change))).toEqual([]);
    expect(changes.filter((change) => change.startsWith("+ "))).toEqual(NEW_SINCE.bd3089e);
    expect(changes.filter((change) => change.includes("aws:lambda:Invocation"))).toEqual([]);
    expect(changes.filter((change) => change.includes("aws:lambda:Function "))).toHaveLength(4);
    expect(await versions()).toEqual(before);
    expect(changesIn(await stack.must(stack.up()))).toEqual([]);
  });

  test("keeps its stores alive afterwards, by the functions that it has changed", async () => {
    const before = await versions();
    await world.driver.moveTo(later(world.clock.now() as never, 12 * HOUR_MS));
    await world.secrets.settled();
    const after = await versions();
    expect(after["acme"]?.length).toBeGreaterThan(before["acme"]?.length ?? 0);
    expect(after["heritage"]).toEqual(before["heritage"]);
  });
});
