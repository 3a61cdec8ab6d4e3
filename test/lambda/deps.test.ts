import { inspect } from "node:util";
import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import type { SecretFacts } from "../../contract/store/secret-facts";
import { epochMs } from "../../contract/time";
import { createKmsCipher } from "../../lambda/cipher/refresh-token-cipher";
import { deadlineOf, fits, RESERVE_MS, requireTime } from "../../lambda/deadline";
import { createRotationMemory, wasJustChecked } from "../../lambda/engine/memory";
import { decideStep, isFreshEnough, RULES, VERSION_SPACING_MS } from "../../lambda/engine/rules";
import { attemptOf, versionIdOf } from "../../lambda/engine/version-id";
import { fingerprintOf, matchesFingerprint } from "../../lambda/enrol/fingerprint";
import { createLog, fieldsOfError } from "../../lambda/log";
import { readEnvironment } from "../../lambda/runtime";
import { codedAwsError } from "../../lambda/secrets/aws-errors";
import { REFRESH_KEY } from "../simulation/stage";
import { awsError } from "./stand/faults";
import { answerKms, Invocation } from "./stand/stand";
import { SHOP, StoreStand } from "./stand/store-stand";

const V1 = "00000000-0000-4000-8000-000000000001" as VersionId;
const ARN =
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/a/token-AbCdEf" as SecretArn;

describe("the labels of a version decide a step", () => {
  const facts = (stages: readonly string[] | undefined): SecretFacts => ({
    name: "n",
    description: undefined,
    versions: new Map(stages === undefined ? [] : [[V1, stages]]),
    rotationEnabled: true,
    kmsKeyId: undefined,
    deletedAt: undefined,
    createdAt: undefined,
    nextRotationAt: undefined,
    tags: new Map(),
  });
  test.each([
    [undefined, { action: "refuse", code: "version_unknown" }],
    [[], { action: "refuse", code: "version_not_pending" }],
    [["AWSPREVIOUS"], { action: "refuse", code: "version_not_pending" }],
    [["AWSPENDING"], { action: "run" }],
    [["AWSCURRENT"], { action: "skip" }],
    [["AWSCURRENT", "AWSPENDING"], { action: "skip" }],
  ])("%p", (stages, decision) => {
    expect(decideStep(V1, facts(stages))).toEqual(decision);
  });
});

describe("time", () => {
  test("half of a life is enough, and less is not", async () => {
    const world = await StoreStand.create({ kind: "offline-expiring" });
    const { record } = (await world.current()) ?? {};
    if (record?.expiresAt === undefined) throw new Error("the stage has no value");
    const half = (record.issuedAt + record.expiresAt) / 2;
    expect(isFreshEnough(record, epochMs(half))).toBe(true);
    expect(isFreshEnough(record, epochMs(half + 1))).toBe(false);
    expect(isFreshEnough({ ...record, expiresAt: undefined }, epochMs(half * 2))).toBe(true);
    const next = record.issuedAt + VERSION_SPACING_MS;
    expect(RULES.mayAddVersion(record, epochMs(next))).toBe(true);
    expect(RULES.mayAddVersion(record, epochMs(next - 1))).toBe(false);
    // A record from the future says that a clock was wrong, not that there were many versions.
    expect(RULES.mayAddVersion(record, epochMs(record.issuedAt - 1))).toBe(true);
  });

  test("of an invocation ends before Lambda's own", async () => {
    const begun = performance.now();
    const deadline = deadlineOf({ getRemainingTimeInMillis: () => 10_000 });
    const left = deadline.remainingMs();
    expect(left).toBeLessThanOrEqual(10_000 - RESERVE_MS);
    expect(left).toBeGreaterThanOrEqual(10_000 - RESERVE_MS - (performance.now() - begun));
    expect(fits(deadline, 20_000)).toBe(false);
    expect(fits(deadline, 1)).toBe(true);
    await deadline.pause(1);
    const over = deadlineOf({ getRemainingTimeInMillis: () => RESERVE_MS - 1 });
    expect(() => requireTime(over)).toThrow(expect.objectContaining({ code: "out_of_time" }));
  });

  test("of a check is a minute, and a clock that went back does not lengthen it", () => {
    const known = { record: {} as never, checkedAt: epochMs(1_000_000) };
    expect(wasJustChecked(known, epochMs(1_060_000))).toBe(true);
    expect(wasJustChecked(known, epochMs(1_060_001))).toBe(false);
    expect(wasJustChecked(known, epochMs(999_999))).toBe(false);
    expect(wasJustChecked({ ...known, checkedAt: undefined }, epochMs(1_000_000))).toBe(false);
  });
});

test("a process remembers the last versions and forgets the oldest", () => {
  const memory = createRotationMemory();
  const known = { record: {} as never, checkedAt: undefined };
  const id = (number: number) => `${number}`.padStart(32, "0") as VersionId;
  for (let number = 0; number < 40; number += 1) memory.keep(ARN, id(number), known);
  expect(memory.recall(ARN, id(39))).toBe(known);
  expect(memory.recall(ARN, id(8))).toBe(known);
  expect(memory.recall(ARN, id(7))).toBeUndefined();
  memory.forget(ARN, id(39));
  expect(memory.recall(ARN, id(39))).toBeUndefined();
});

test("version IDs are the same for the same seed, and for no other", () => {
  const seed = { purpose: "renew", from: V1 } as const;
  const ids = [0, 1, 2].map((attempt) => versionIdOf({ ...seed, attempt }));
  expect(new Set(ids).size).toBe(3);
  expect(versionIdOf({ ...seed, attempt: 1 })).toBe(ids[1]);
  expect(versionIdOf({ ...seed, purpose: "enrol", attempt: 1 })).not.toBe(ids[1]);
  expect(attemptOf(ids[2], seed)).toBe(2);
  expect(attemptOf(V1, seed)).toBeUndefined();
  expect(attemptOf(undefined, seed)).toBeUndefined();
});

test("a fingerprint is salted, and knows its token again", () => {
  const token = Sealed.of("shpat_token");
  const one = fingerprintOf(token);
  expect(one).not.toBe(fingerprintOf(token));
  expect(matchesFingerprint(one, token)).toBe(true);
  expect(matchesFingerprint(one, Sealed.of("shpat_other"))).toBe(false);
  for (const odd of ["", "v1", "v1.a", "v2.a.b", `${one}.x`, one.slice(0, -1)]) {
    expect(matchesFingerprint(odd, token)).toBe(false);
  }
});

describe("an error of AWS has a code", () => {
  const invalid = (message: string) =>
    Object.assign(awsError("InvalidRequestException"), { message });
  test.each([
    [awsError("ResourceNotFoundException"), "secret_not_found"],
    [awsError("AccessDeniedException"), "access_denied"],
    [awsError("DecryptionFailure"), "key_denied"],
    [
      Object.assign(awsError("AccessDeniedException"), { message: "Access to KMS is not allowed" }),
      "key_denied",
    ],
    [awsError("LimitExceededException"), "version_budget_spent"],
    [awsError("ThrottlingException"), "secrets_manager_unreachable"],
    [awsError("InternalServiceError"), "secrets_manager_unreachable"],
    [awsError("TimeoutError"), "secrets_manager_unreachable"],
    [Object.assign(new Error("x"), { code: "ECONNRESET" }), "secrets_manager_unreachable"],
    [
      Object.assign(new Error("x"), { $metadata: { httpStatusCode: 503 } }),
      "secrets_manager_unreachable",
    ],
    [
      invalid("You can't perform this operation on the secret because it was marked for deletion."),
      "secret_pending_deletion",
    ],
    [invalid("something else"), "unexpected"],
    [new TypeError("x"), "unexpected"],
    ["a string", "unexpected"],
    [null, "unexpected"],
  ])("%p", (error, code) => {
    expect(codedAwsError(error).code).toBe(code);
  });

  test("and keeps nothing of the message", () => {
    const shown = codedAwsError(Object.assign(new Error("shpat_leak"), { name: "shpat_leak!" }));
    expect(inspect(shown, { depth: 9 })).not.toContain("shpat_leak");
    const coded = new CodedError("shop_frozen");
    expect(codedAwsError(coded)).toBe(coded);
  });
});

describe("the seal", () => {
  const context = { secretArn: ARN, shop: SHOP };
  const cipher = (send: unknown) =>
    createKmsCipher({ send } as never, REFRESH_KEY, new Invocation());
  const failing = (name: string) =>
    cipher(async () => {
      throw awsError(name);
    });

  test("opens what it closed, for the same secret and shop only", async () => {
    const sealed = await cipher(answerKms).encrypt(Sealed.of("shprt_token"), context);
    expect(sealed).not.toContain("shprt_token");
    expect((await cipher(answerKms).decrypt(sealed, context)).unseal()).toBe("shprt_token");
    const other = { ...context, secretArn: `${ARN}x` as SecretArn };
    await expect(cipher(answerKms).decrypt(sealed, other)).rejects.toMatchObject({
      code: "refresh_token_unreadable",
    });
  });

  test("needs a key to close, and none to open", async () => {
    const keyless = createKmsCipher({ send: answerKms } as never, undefined, new Invocation());
    const sealed = await cipher(answerKms).encrypt(Sealed.of("t"), context);
    expect((await keyless.decrypt(sealed, context)).unseal()).toBe("t");
    await expect(keyless.encrypt(Sealed.of("t"), context)).rejects.toMatchObject({
      code: "environment_malformed",
    });
  });

  test.each([
    ["AccessDeniedException", "key_denied"],
    ["DisabledException", "key_denied"],
    ["NotFoundException", "refresh_token_unreadable"],
    ["KMSInvalidStateException", "refresh_token_unreadable"],
    ["ThrottlingException", "secrets_manager_unreachable"],
  ])("%s is %s", async (name, code) => {
    await expect(failing(name).decrypt("AAAA", context)).rejects.toMatchObject({ code });
  });

  test.each([
    {},
    { CiphertextBlob: Buffer.alloc(0), KeyId: "k" },
    { CiphertextBlob: Buffer.from("x") },
  ])("does not take %p for a sealed token", async (answer) => {
    const odd = cipher(async () => answer);
    const code = "secrets_manager_unreachable";
    await expect(odd.encrypt(Sealed.of("t"), context)).rejects.toMatchObject({ code });
    await expect(odd.decrypt("AAAA", context)).rejects.toMatchObject({ code });
  });
});

describe("the log", () => {
  test("writes one JSON line per event, with what is always said", () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line)).with({ function: "rotate" });
    log.info("rotation.step", { outcome: "stored", code: undefined });
    log.error("rotation.step", { token: String(Sealed.of("shpat_x")) });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "info", event: "rotation.step", function: "rotate", outcome: "stored" },
      { level: "error", event: "rotation.step", function: "rotate", token: "[sealed]" },
    ]);
  });

  test("says of an unforeseen error its class, where it was thrown, and nothing else", () => {
    const error = new TypeError("shpat_x\n    at shpat_y (/var/task/shpat_z.mjs:1:1)");
    error.stack = [
      `TypeError: ${error.message}`,
      "    at r.shpat_a (file:///var/task/index.mjs:1:2345)",
      "    at async file:///var/task/index.mjs:1:99",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
      "    at async Promise.all (index 0)",
    ].join("\n");
    expect(fieldsOfError(error)).toEqual({
      code: "unexpected",
      thrown: "TypeError",
      at: "index.mjs:1:2345 < index.mjs:1:99",
    });
    error.stack = `${error.stack}\n`.repeat(9);
    expect(String(fieldsOfError(error)["at"]).split(" < ")).toHaveLength(8);
    const odd = Object.assign(new Error("x"), { name: "shpat_0123", stack: undefined });
    expect(fieldsOfError(odd)).toEqual({ code: "unexpected", thrown: "Error", at: undefined });
    expect(fieldsOfError("shpat_x")).toEqual({ code: "unexpected", thrown: "string" });
    const scopes = ["read_products", "read_orders"];
    expect(fieldsOfError(new CodedError("scope_missing", { scopes }))).toMatchObject({
      code: "scope_missing",
      missing_scopes: "read_products,read_orders",
    });
  });
});

test("a function without its prefix says so", () => {
  expect(() => readEnvironment({})).toThrow(
    expect.objectContaining({ code: "environment_malformed" }),
  );
  expect(readEnvironment({ SHOPIFY_SECRETS_PREFIX: "shopify/dev" })).toMatchObject({
    prefix: "shopify/dev",
    refreshKeyArn: undefined,
  });
});
