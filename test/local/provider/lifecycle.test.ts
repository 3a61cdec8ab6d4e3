import { createPatience } from "../../../local/provider/patience";
import { createLifecycle, InitializationError } from "../../../local/provider/provider";
import type { ResourceType } from "../../../local/provider/resource-type";
import { RESOURCE_TYPES } from "../../../local/provider/resource-types";
import { optional, required } from "../../../local/provider/table";
import type { Properties } from "../../../local/provider/wire";
import { awsError, CONFIG, fakeAws, hurried } from "./stand-in";

const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:acme-abcdef";
const SECRET = "urn:pulumi:dev::p::aws:secretsmanager/secret:Secret::acme";
const PERMISSION = "urn:pulumi:dev::p::aws:lambda/permission:Permission::perm";
const NEWS = { name: "acme", recoveryWindowInDays: 7 };

function lifecycleOn(answers: Parameters<typeof fakeAws>[0]) {
  const { aws, calls } = fakeAws(answers);
  const regions: string[] = [];
  const failed: [string, number][] = [];
  const lifecycle = createLifecycle(RESOURCE_TYPES, {
    config: CONFIG,
    patience: hurried().patience,
    onCreateFailed: (urn, seed) => failed.push([urn, seed]),
    clientsIn: (region) => {
      regions.push(region);
      return aws;
    },
  });
  return { lifecycle, calls, regions, failed };
}

const READABLE = { DescribeSecret: { ARN, Name: "acme" }, GetResourcePolicy: {} };

test("lets a creation wait its turn before AWS hears of it", async () => {
  const events: string[] = [];
  const { aws } = fakeAws({
    ...READABLE,
    CreateSecret: () => {
      events.push("created");
      return { ARN };
    },
  });
  const pause = async (ms: number) => events.push(`waited ${ms}`);
  const patience = createPatience({
    seed: 5,
    maxDelayMs: 50,
    firstPauseMs: 1,
    patienceMs: 1,
    pause,
  });
  const around = { config: CONFIG, clientsIn: () => aws, patience };
  await createLifecycle(RESOURCE_TYPES, around).create(SECRET, NEWS, false);
  expect(events).toEqual([expect.stringMatching(/^waited \d+$/), "created"]);
});

test("tells the seed when a creation fails, and leaves nothing behind", async () => {
  const refused = awsError("InvalidRequestException", "no");
  const { lifecycle, failed } = lifecycleOn({ CreateSecret: refused });
  await expect(lifecycle.create(SECRET, NEWS, false)).rejects.not.toBeInstanceOf(
    InitializationError,
  );
  expect(failed).toEqual([[SECRET, 1]]);
});

test("waits for a new resource to show", async () => {
  let left = 2;
  const hidden = awsError("ResourceNotFoundException", "not yet");
  const { lifecycle } = lifecycleOn({
    ...READABLE,
    CreateSecret: { ARN },
    DescribeSecret: () => (left-- > 0 ? hidden : READABLE.DescribeSecret),
  });
  await expect(lifecycle.create(SECRET, NEWS, false)).resolves.toEqual({
    id: ARN,
    state: expect.objectContaining({ arn: ARN, recoveryWindowInDays: 7, region: CONFIG.region }),
  });
});

test("works in the resource's own region", async () => {
  const { lifecycle, regions } = lifecycleOn({ ...READABLE, CreateSecret: { ARN } });
  const { state } = await lifecycle.create(SECRET, { ...NEWS, region: "eu-west-1" }, false);
  expect(new Set(regions)).toEqual(new Set(["eu-west-1"]));
  expect(state["region"]).toBe("eu-west-1");
});

test("keeps what cannot be read through an update, and reads the rest", async () => {
  const { lifecycle, calls } = lifecycleOn({ ...READABLE, UpdateSecret: {} });
  const olds = { name: "acme", arn: ARN, description: "one", recoveryWindowInDays: 7 };
  const news = { name: "acme", description: "two", recoveryWindowInDays: 7 };
  const request = { id: ARN, urn: SECRET, olds, news, ignoreChanges: [], preview: false };
  const state = await lifecycle.update(request);
  expect(calls[0]?.name).toBe("UpdateSecret");
  expect(state).toMatchObject({ arn: ARN, recoveryWindowInDays: 7 });
  expect(state).not.toHaveProperty("description");
});

test("refuses to update in place what can only be replaced", async () => {
  const { lifecycle } = lifecycleOn({});
  const olds = { function: "f", action: "a", principal: "p" };
  const news = { ...olds, principal: "q" };
  const request = { id: "x", urn: PERMISSION, olds, news, ignoreChanges: [], preview: false };
  await expect(lifecycle.update(request)).rejects.toThrow("principal");
});

test("shows read nothing of the state but what locates the resource, so that it cannot echo", async () => {
  const shown: Properties[] = [];
  const type: ResourceType = {
    token: "aws:test/thing:Thing",
    table: { parent: required("string", { locates: true }), colour: optional("string") },
    create: async () => ({ id: "1" }),
    read: async (_session, _id, where) => {
      shown.push(where);
      return { ...where };
    },
    remove: async () => undefined,
  };
  const around = { config: CONFIG, clientsIn: () => fakeAws({}).aws, patience: hurried().patience };
  const lifecycle = createLifecycle([type], around);
  const state = { parent: "p", colour: "red" };
  const urn = "urn:pulumi:dev::p::aws:test/thing:Thing::t";
  const { state: made } = await lifecycle.create(urn, state, false);
  const refreshed = await lifecycle.read({ id: "1", urn, state, inputs: state });
  expect(shown).toEqual([{ parent: "p" }, { parent: "p" }]);
  expect([made, refreshed?.state]).toEqual([{ parent: "p" }, { parent: "p" }]);
});
