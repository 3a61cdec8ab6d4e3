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
  everyOption,
  type OwnResources,
  type RecordedConfig,
  STORES_FILE,
} from "../../recorded/declared";
import { recordedStack, recordedState, type STACKS } from "../../recorded/recorded-stack";
import { fillShopsOfEveryKind, fillShopsOfEveryOption, makeOwn } from "../../recorded/surroundings";
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

interface Pair {
  readonly was: string;
  readonly is: string;
}

const replaceAll = (text: string, pairs: readonly Pair[]): string =>
  [...pairs]
    .sort((one, other) => other.was.length - one.was.length)
    .reduce((state, { was, is }) => state.replaceAll(was, is), text);

/** A name; the end of a secret's ARN and the ID of a key stand alone as well, in the salt of an enrolment. */
function pairsOf(was: string, is: string): readonly Pair[] {
  const idOf = (arn: string) => arn.split("/").at(-1) ?? arn;
  if (/:key\//.test(was)) return [{ was: idOf(was), is: idOf(is) }];
  const ends = { was: `${was.slice(-6)}-`, is: `${is.slice(-6)}-` };
  return /:secret:[^|]*$/.test(was) ? [{ was, is }, ends] : [{ was, is }];
}

/** The IDs of a recorded state, beside those that the resources of the same URNs have in another account. */
function idsOf(there: string, recorded: string): readonly Pair[] {
  const found = new Map(resourcesIn(there).map((resource) => [resource.urn, namesOf(resource)]));
  return resourcesIn(recorded).flatMap((resource) => {
    const now = found.get(resource.urn) ?? {};
    return Object.entries(namesOf(resource)).flatMap(([name, was]) => {
      const is = now[name];
      if (is === undefined || is === was || was.length < 8) return [];
      return pairsOf(was, is);
    });
  });
}

/** What the operator of a recorded stack had made, beside what is there in its place. */
function ownPairs(is: OwnResources): readonly Pair[] {
  const { config } = recordedStack("bd3089e", "every-option").recorded;
  const stores = config["stores"] as Record<string, { adopt?: string }>;
  const was: OwnResources = {
    kmsKeyArn: String(config["kmsKeyArn"]),
    formerKeyArn: (config["formerRefreshKeyArns"] as string[])[0] ?? "",
    adoptedArn: stores["heritage"]?.adopt ?? "",
  };
  return [
    ...pairsOf(was.kmsKeyArn, is.kmsKeyArn),
    ...pairsOf(was.formerKeyArn, is.formerKeyArn),
    ...pairsOf(was.adoptedArn, is.adoptedArn),
  ];
}

/** A recorded stack, and how its account comes to hold what it holds. */
interface Recorded {
  readonly name: (typeof STACKS)[number];
  /** A store that Secrets Manager renews, and one that nobody does. */
  readonly renewed: string;
  readonly static: string;
  fill(
    world: World,
  ): Promise<{ readonly steps: readonly RecordedConfig[]; readonly own: readonly Pair[] }>;
}

const EVERY_STACK: readonly Recorded[] = [
  {
    name: "every-kind",
    renewed: "acme",
    static: "heritage",
    fill: async (world) => {
      fillShopsOfEveryKind(world);
      return { steps: [beforeRename(EVERY_KIND), EVERY_KIND], own: [] };
    },
  },
  {
    name: "every-option",
    renewed: "wayne",
    static: "heritage",
    fill: async (world) => {
      fillShopsOfEveryOption(world);
      const own = await makeOwn(world);
      return { steps: [everyOption(own)], own: ownPairs(own) };
    },
  },
];

/**
 * The state that bd3089e left behind is brought up in an account that really holds its resources: those that today's
 * program made from the same config, less what came since. Only the IDs that AWS gives are exchanged in the state; what
 * the resources are, their code and their policies are the older program's in it, so that the run has them to change.
 */
describe.each(EVERY_STACK)("the recorded state of bd3089e with $name, brought up", (recorded) => {
  let world: World;
  let stack: DeclaredStack;
  let projectDir: string;
  let own: readonly Pair[];

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z", { switches: { listLagMs: 0 } });
    projectDir = copyProject(world);
    stack = new DeclaredStack(world, { projectDir });
    await stack.must(stack.engine.run(["stack", "init"]));
    const filled = await recorded.fill(world);
    own = filled.own;
    for (const step of filled.steps) {
      declare(step);
      await stack.must(stack.up());
    }
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
    await take(recordedState("bd3089e", recorded.name));
    const old = replaceAll(await state("--show-secrets"), own);
    await take(replaceAll(old, idsOf(there, old)));

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
    const { renewed } = recorded;
    expect(after[renewed]?.length).toBeGreaterThan(before[renewed]?.length ?? 0);
    expect(after[recorded.static]).toEqual(before[recorded.static]);
  });
});
