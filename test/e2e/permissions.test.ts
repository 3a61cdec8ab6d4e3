import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { mayApplyStores, mayRunMachine } from "../../infra/policies/list";
import {
  encodeActingPolicy,
  encodeApplyingPolicy,
  encodeLookingPolicy,
} from "../../infra/policies/operator";
import { encodePolicy } from "../../infra/policies/statement";
import type { Caller, PolicyQuestion } from "../../local/aws/policy";
import { createReaderUser } from "../../local/demo/reader-user";
import { clientConfigOf } from "../../local/demo/root-client";
import { Watch } from "../security/collected";
import { deployerPolicy } from "../security/deployer-policy";
import { drillLeakedClientSecret } from "./security/drill";
import {
  cellsOf,
  NAMED_REFUSALS,
  type Principal,
  rightsOf,
  USES_OF_ADMINISTRATORS,
} from "./security/jobs";
import { leavingOf, watchValuesOf } from "./security/leaving";
import {
  liveThroughAnInstallation,
  liveThroughCommands,
  liveThroughOddEvents,
} from "./security/lives";
import {
  CONFIG_SECRETS,
  DEV_FLEET,
  MarkedFleet,
  NAMED_READER,
  RESCUER,
} from "./security/marked-fleet";
import { allowedTo } from "./security/matrix";
import { callsOfReader } from "./security/reader-calls";
import { functionArn, roleArn, targetsOf } from "./security/targets";

const FUNCTIONS = ["rotate", "enrol", "sweep", "install"] as const;
const SERVICE = "secretsmanager.amazonaws.com";

/** Where secrets come in; the sweep's refresh and the code's exchange are among them. */
const ENTERED = [
  "config fulfilment",
  "config heritage",
  "config open",
  "client_secret",
  "access_token",
  "refresh_token",
  "code",
  "state of the callback",
  "ticket",
  "webhook",
  "rotation token",
  "pasted token",
  "token of acme",
  "token of hourly",
];
/** Some of what is searched; the files come on top. */
const LEFT = [
  "up",
  "up with an open app",
  "failing up",
  "preview",
  "preview, as JSON",
  "state, decrypted by nobody",
  "stack outputs",
  "record of calls",
  "secrets' descriptions and tags",
  "log of rotate",
  "log of install",
  "callback of a stranger",
  "answer of rotate to odd event 0",
  "command 2, put",
];

const KEYS = { hasSigningKeys: true };

const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

let fleet: MarkedFleet;

beforeAll(async () => {
  fleet = await MarkedFleet.deploy();
});

afterAll(async () => {
  await fleet?.stop();
});

const role = (name: string, assumedBy = "lambda.amazonaws.com"): Caller => ({
  roleArn: roleArn(name),
  assumedBy,
  assumeContext: {
    "aws:SourceAccount": "000000000000",
    "aws:SourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default",
  },
});

describe("every principal may what its job needs, and nothing else of any service", () => {
  const userWith = async (name: string, ...policies: readonly string[]): Promise<Caller> => {
    const { accessKeyId } = await createReaderUser(fleet.world, name, policies);
    return { accessKeyId };
  };
  const CALLERS: readonly (readonly [Principal, () => Caller | Promise<Caller>])[] = [
    ...[...FUNCTIONS, "work" as const].map(
      (name) => [name, () => role(`shopify-dev-${name}-us-east-1`)] as const,
    ),
    [
      "schedule of the sweep",
      () => role("shopify-dev-sweep-by-schedule-us-east-1", "scheduler.amazonaws.com"),
    ],
    ["reader of acme", () => userWith("reader", fleet.stores["acme"]?.readerPolicy ?? "")],
    ["operator who looks", () => userWith("looking", encodeLookingPolicy(DEV_FLEET, KEYS))],
    ["operator who acts", () => userWith("acting", encodeActingPolicy(DEV_FLEET, KEYS))],
    // No stack of this test has a list: the policies stand for their roles.
    [
      "apply, of a list",
      () => userWith("apply", encodePolicy(mayApplyStores(DEV_FLEET, fleet.made.secretsKeyArn))),
    ],
    [
      "machine of a list",
      () =>
        userWith(
          "machine",
          encodePolicy(
            mayRunMachine(DEV_FLEET, [
              functionArn("shopify-dev-apply"),
              functionArn("shopify-dev-enrol"),
              functionArn("shopify-dev-sweep"),
            ]),
          ),
        ),
    ],
    ["operator who applies a list", () => userWith("applying", encodeApplyingPolicy(DEV_FLEET))],
    ["deployer", () => userWith("deployer", ...deployerPolicy())],
    // The last: from here on the stack has an open app, and its install function what that takes.
    [
      "install, with an open app",
      async () => {
        await fleet.open();
        return role("shopify-dev-install-us-east-1");
      },
    ],
  ];
  /** What each was found to be allowed. */
  const found = new Map<Principal, ReadonlySet<string>>();
  let cells: ReadonlySet<string> = new Set();

  test.each(CALLERS)("%s", async (principal, callerOf) => {
    const { allowed, asked } = await allowedTo(
      fleet.world,
      await callerOf(),
      targetsOf(fleet.made),
    );
    found.set(principal, new Set(allowed));
    cells = asked;
    expect(asked.size).toBeGreaterThan(2_000);
    expect(allowed.sort()).toEqual([...rightsOf(principal)].sort());
  });

  const named = NAMED_REFUSALS.map((refusal) => {
    const { what, but } = refusal;
    return [`${what}: ${but.length === 0 ? "nobody" : `only ${but.join(", ")}`}`, refusal] as const;
  });

  test.each(named)("%s", (_title, refusal) => {
    const forbidden = cellsOf(refusal);
    expect(found.size).toBe(CALLERS.length);
    expect(forbidden.filter((cell) => !cells.has(cell))).toEqual([]);
    const trespasses = [...found].flatMap(([principal, allowed]) =>
      refusal.but.includes(principal)
        ? []
        : forbidden.filter((cell) => allowed.has(cell)).map((cell) => `${principal}: ${cell}`),
    );
    expect(trespasses).toEqual([]);
  });

  test("administrators of the account use the secrets' key through Secrets Manager alone, open no refresh token and sign nothing", async () => {
    const administrator = await userWith("administrator-of-keys", EVERYTHING);
    const { allowed } = await allowedTo(fleet.world, administrator, targetsOf(fleet.made));
    const uses = allowed.filter((cell) =>
      /^kms:(?:CreateGrant|Decrypt|Encrypt|Generate|ReEncrypt|Sign)/.test(cell),
    );
    expect(uses.sort()).toEqual([...USES_OF_ADMINISTRATORS].sort());
    expect(allowed).toContain("kms:PutKeyPolicy on refresh key");
  });

  test("the questions can be answered with yes: the account's owner may all of this account", async () => {
    const { allowed, asked } = await allowedTo(
      fleet.world,
      { accessKeyId: "test" },
      targetsOf(fleet.made),
    );
    expect(allowed.length).toBeGreaterThan(asked.size * 0.9);
  });
});

describe("functions are called by nobody but their service", () => {
  const mayCall = async (service: string, name: string, sourceArn: string) => {
    const account = sourceArn.split(":")[4] ?? "";
    const context = { "aws:SourceArn": sourceArn, "aws:SourceAccount": account };
    const resource = functionArn(`shopify-dev-${name}`);
    return ask({ who: { service }, action: "lambda:InvokeFunction", resource, context });
  };

  test("Secrets Manager calls rotate, for this stack's stores", async () => {
    const acme = fleet.arnOf("acme");
    expect(await mayCall(SERVICE, "rotate", acme)).toBe(true);
    const foreign = [
      fleet.made.appSecretArn,
      acme.replace("shopify/dev", "shopify/prod"),
      acme.replace("000000000000", "111111111111"),
    ];
    for (const arn of foreign)
      expect([arn, await mayCall(SERVICE, "rotate", arn)]).toEqual([arn, false]);
    for (const other of ["enrol", "sweep", "install"]) {
      expect([other, await mayCall(SERVICE, other, acme)]).toEqual([other, false]);
    }
  });

  test.each(["s3.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com"])(
    "%s calls none",
    async (service) => {
      const answers = FUNCTIONS.map((name) => mayCall(service, name, fleet.arnOf("acme")));
      expect(await Promise.all(answers)).toEqual([false, false, false, false]);
    },
  );
});

test("the sweep's schedule gets its role, and a schedule of another account does not", async () => {
  const scheduled = (account: string) =>
    ask({
      who: {
        roleArn: roleArn("shopify-dev-sweep-by-schedule-us-east-1"),
        assumedBy: "scheduler.amazonaws.com",
        assumeContext: {
          "aws:SourceAccount": account,
          "aws:SourceArn": `arn:aws:scheduler:us-east-1:${account}:schedule-group/default`,
        },
      },
      action: "lambda:InvokeFunction",
      resource: functionArn("shopify-dev-sweep"),
    });
  expect(await scheduled("000000000000")).toBe(true);
  expect(await scheduled("111111111111")).toBe(false);
});

test("a reader is refused, in real calls, everything but its own store", async () => {
  expect(await callsOfReader(fleet)).toEqual({
    "own store": "allowed",
    "another store": "refused: secretsmanager:GetSecretValue",
    "app secret": "refused: secretsmanager:GetSecretValue",
    write: "refused: secretsmanager:PutSecretValue",
    delete: "refused: secretsmanager:DeleteSecret",
    policy: "refused: secretsmanager:PutResourcePolicy",
    rotate: "refused: secretsmanager:RotateSecret",
    call: "refused: lambda:InvokeFunction",
    "open a refresh token": "refused: kms:Decrypt",
  });
});

describe("a store that names its readers", () => {
  const on = (who: Caller, action: string) =>
    ask({ who, action, resource: fleet.arnOf("heritage"), resourcePolicy: audience });
  let audience = "";
  const administrator = { accessKeyId: "" };
  const rescuer = { accessKeyId: "" };

  beforeAll(async () => {
    const answer = (await fleet.world.secrets.handle("GetResourcePolicy", {
      SecretId: fleet.arnOf("heritage"),
    })) as { ResourcePolicy: string };
    audience = answer.ResourcePolicy;
    for (const [name, person] of [
      ["administrator", administrator],
      [RESCUER, rescuer],
    ] as const) {
      person.accessKeyId = (await createReaderUser(fleet.world, name, [EVERYTHING])).accessKeyId;
    }
    await withIam((iam) =>
      iam.send(
        new CreateRoleCommand({
          RoleName: NAMED_READER,
          AssumeRolePolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "lambda.amazonaws.com" },
                Action: "sts:AssumeRole",
              },
            ],
          }),
        }),
      ),
    );
  });

  const looksAfterIt = async () => ({
    reads: await on(administrator, "secretsmanager:GetSecretValue"),
    writes: await on(administrator, "secretsmanager:PutSecretValue"),
    describes: await on(administrator, "secretsmanager:DescribeSecret"),
    changesItsPolicy: await on(administrator, "secretsmanager:PutResourcePolicy"),
    deletes: await on(administrator, "secretsmanager:DeleteSecret"),
    sweepReads: await on(role("shopify-dev-sweep-us-east-1"), "secretsmanager:GetSecretValue"),
    sweepWrites: await on(role("shopify-dev-sweep-us-east-1"), "secretsmanager:PutSecretValue"),
  });

  const WELL = {
    reads: false,
    writes: false,
    describes: true,
    changesItsPolicy: true,
    deletes: true,
    sweepReads: true,
    sweepWrites: true,
  };

  test("is read by them, kept by the functions, and managed by the account, which reads nothing", async () => {
    expect(await looksAfterIt()).toEqual(WELL);
    const named = role(NAMED_READER);
    expect(await on(named, "secretsmanager:GetSecretValue")).toBe(true);
    expect(await on(named, "secretsmanager:PutSecretValue")).toBe(false);
  });

  test("is open, in an emergency, to whom config names for it, and to them only as IAM says", async () => {
    for (const action of ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"]) {
      expect(await on(rescuer, `secretsmanager:${action}`)).toBe(true);
    }
    const { accessKeyId } = await createReaderUser(fleet.world, "powerless", []);
    expect(await on({ accessKeyId }, "secretsmanager:GetSecretValue")).toBe(false);
  });

  test("a reader's role that is deleted breaks nothing", async () => {
    await withIam((iam) => iam.send(new DeleteRoleCommand({ RoleName: NAMED_READER })));
    expect(await looksAfterIt()).toEqual(WELL);
  });
});

describe("nothing secret leaves through the engine, the functions or AWS", () => {
  test("deploying, installing, sweeping, operating, failing and rotating leave no secret in any output, state, log or file", async () => {
    const { world, stack } = fleet;
    const { canaries } = new Watch();
    await liveThroughAnInstallation(fleet);
    await liveThroughOddEvents(fleet);
    await liveThroughCommands(fleet);
    fleet.declare(CONFIG_SECRETS.wrong);
    await fleet.keep("preview", stack.engine.run(["preview", "--diff"]));
    expect(await fleet.keep("failing up", stack.up())).not.toBe(0);
    // The rotation tries the client secret that config has now, and goes on with the one before.
    await world.secrets.handle("RotateSecret", {
      SecretId: fleet.arnOf("acme"),
      ClientRequestToken: world.secrets.newToken(),
    });
    await world.secrets.settled();
    await watchValuesOf(fleet, canaries);
    const leaving = await leavingOf(fleet);
    expect(canaries.names).toEqual(expect.arrayContaining(ENTERED));
    expect([...leaving.keys()]).toEqual(expect.arrayContaining(LEFT));
    expect(leaving.get("callback")).toMatch(/^200 /);
    expect(leaving.get("command 0, status")).toMatch(/^0\n/);
    expect(leaving.get("command 2, put")).toMatch(/^[1-9]\n/);
    expect(leaving.get("command 6, exec")).toMatch(/^0\n/);
    const files = [...leaving.keys()].filter((where) => where.startsWith(fleet.world.folder));
    expect(files.length).toBeGreaterThan(20);
    const found = [...leaving].flatMap(([where, text]) =>
      canaries.findIn(text).map((what) => `${what} in ${where}`),
    );
    expect(found).toEqual([]);
    for (const value of [CONFIG_SECRETS.wrong, fleet.entered.get("state of the callback") ?? ""]) {
      expect(canaries.findIn(`a ${value} b`)).not.toEqual([]);
    }
  });
});

test("the drill of docs/security.md: a client secret has leaked, and no store stops", async () => {
  const end = await drillLeakedClientSecret(fleet);
  const { exitCode, said, worked, isOldTokenDead, thief } = end;
  expect(fleet.printed.get("up with the new client secret")).not.toContain(CONFIG_SECRETS.next);
  expect({ exitCode, worked, isOldTokenDead }).toEqual({
    exitCode: 0,
    worked: [true, true, true, true],
    isOldTokenDead: true,
  });
  expect(said).toContain("1 of 1 renewable stores use the newest client secret");
  expect(said).toMatch(/exit code 0$/);
  expect(thief[0]).toBe(200);
  expect(thief[1]).toBeGreaterThanOrEqual(400);
  expect({ forged: end.forged, signed: end.signed }).toEqual({ forged: [200, 401], signed: 200 });
});

async function ask(question: PolicyQuestion): Promise<boolean | undefined> {
  const [answer] = await fleet.world.front.policies().ask([question]);
  return answer?.allowed;
}

async function withIam(act: (iam: IAMClient) => Promise<unknown>): Promise<void> {
  const iam = new IAMClient(clientConfigOf(fleet.world));
  await act(iam);
  iam.destroy();
  fleet.world.letRightsArrive();
}
