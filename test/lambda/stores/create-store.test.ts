import type { AppKey, ShopDomain, StoreKey } from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import { SECRET_TAGS, storeSecretName } from "../../../contract/names";
import { type EpochMs, epochMs } from "../../../contract/time";
import { createFindSecret } from "../../../lambda/secrets/find-secret";
import { createMakerPort } from "../../../lambda/secrets/maker-port";
import type { SecretsManagerSend } from "../../../lambda/secrets/secrets-manager";
import {
  type CreateStoreDeps,
  createStore,
  type NewStore,
} from "../../../lambda/stores/create-store";
import { scheduleStore } from "../../../lambda/stores/schedule-store";
import {
  createInProcessClient,
  type ModelSwitches,
  type SdkCommand,
  SecretsManagerModel,
  seededRandomness,
} from "../../../local/secrets-manager";
import { ACCOUNT, PREFIX, REGION } from "../../simulation/stage";
import { awsError } from "../stand/faults";
import { Invocation } from "../stand/stand";

const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000001`;
const ROTATE_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shopify-test-rotate`;
const DAY = 86_400_000;
const BEGINS = Date.UTC(2026, 10, 29);
const NAME = storeSecretName(PREFIX, "acme" as StoreKey);

const ORDER: NewStore = {
  key: "acme" as StoreKey,
  origin: "installed-by-merchant",
  clientId: "6f1c0a0c5f3e4b7f8d9e0a1b2c3d4e5f",
  declaration: {
    kind: "offline-expiring",
    shop: "acme.myshopify.com" as ShopDomain,
    app: "fulfilment" as AppKey,
    scopes: [],
    apiVersion: DEFAULT_API_VERSION,
    distribution: "public",
  },
};

type Fault = "throttled" | "lost" | "limit" | "killed_before" | "killed_after";

/** Secrets Manager, with any call in a test's grip. */
class Maker {
  readonly clock = { now: BEGINS };
  readonly calls: string[] = [];
  readonly model: SecretsManagerModel;
  fault: (operation: string) => Fault | undefined = () => undefined;

  constructor(switches: Partial<ModelSwitches> = {}) {
    this.model = new SecretsManagerModel({
      region: REGION,
      accountId: ACCOUNT,
      now: () => this.clock.now,
      randomness: seededRandomness(7),
      switches,
      ports: { mayInvoke: async () => true, invoke: async () => undefined },
    });
  }

  get deps(): CreateStoreDeps {
    const client = createInProcessClient(this.model);
    const send = async (command: SdkCommand): Promise<object> => {
      const operation = command.constructor.name.replace(/Command$/, "");
      this.calls.push(operation);
      const fault = this.fault(operation);
      if (fault === "throttled") throw awsError("ThrottlingException");
      if (fault === "limit") throw awsError("LimitExceededException");
      if (fault === "killed_before") throw new Error("killed");
      const answer = await client.send(command);
      if (fault === "lost") throw awsError("TimeoutError");
      if (fault === "killed_after") throw new Error("killed");
      return answer;
    };
    const deadline = new Invocation();
    const own = { send } as unknown as SecretsManagerSend;
    return {
      prefix: PREFIX,
      maker: createMakerPort(own, deadline),
      find: createFindSecret(own, deadline),
      clock: { now: (): EpochMs => epochMs(this.clock.now) },
      deadline,
      kmsKeyArn: KEY_ARN,
      tags: { team: "commerce" },
    };
  }

  create(change: Partial<NewStore> = {}) {
    return createStore({ ...ORDER, ...change }, this.deps);
  }

  async describe(SecretId = NAME) {
    return (await this.model.handle("DescribeSecret", { SecretId })) as {
      ARN: string;
      Description: string;
      KmsKeyId: string;
      DeletedDate?: Date;
      VersionIdsToStages?: object;
      Tags: { Key: string; Value: string }[];
    };
  }

  async handle(operation: string, input: object): Promise<void> {
    await this.model.handle(operation, { ClientRequestToken: this.model.newToken(), ...input });
  }

  get secrets(): number {
    return this.model.state.secrets.size;
  }
}

describe("a store that is made without Pulumi", () => {
  test("has the description and the tags of a declared one, a mark of where it comes from, and no value", async () => {
    const maker = new Maker();
    const made = await maker.create();
    const seen = await maker.describe();
    expect(made).toMatchObject({ outcome: "created", secret: { secretArn: seen.ARN } });
    expect(seen.Description).toBe(encodeDeclaration(ORDER.declaration));
    expect(seen.KmsKeyId).toBe(KEY_ARN);
    expect(seen.VersionIdsToStages).toBeUndefined();
    expect(Object.fromEntries(seen.Tags.map(({ Key, Value }) => [Key, Value]))).toEqual({
      team: "commerce",
      [SECRET_TAGS.store]: "acme",
      [SECRET_TAGS.kind]: "offline-expiring",
      [SECRET_TAGS.clientId]: "6f1c0a0c5f3e4b7f8d9e0a1b2c3d4e5f",
      [SECRET_TAGS.origin]: "installed-by-merchant",
      "shopify-secrets:state": "awaiting_merchant",
      "shopify-secrets:last-error-code": "",
    });
  });

  test("is told as AWS tells it, although nothing was read", async () => {
    const maker = new Maker();
    const { secret } = await maker.create();
    expect(maker.calls).toEqual(["CreateSecret"]);
    const found = await maker.deps.find(NAME);
    expect(secret.facts).toEqual({ ...found?.facts, createdAt: undefined });
  });

  test("is found when it is made again, by whoever was killed before he knew", async () => {
    const maker = new Maker();
    const first = await maker.create();
    const again = await maker.create();
    expect(again).toMatchObject({
      outcome: "found",
      secret: { secretArn: first.secret.secretArn },
    });
    expect(maker.secrets).toBe(1);
  });

  test.each<Fault>(["lost", "killed_after", "throttled", "killed_before"])(
    "is one, after a first try that was %s",
    async (fault) => {
      const maker = new Maker();
      maker.fault = (operation) => (operation === "CreateSecret" ? fault : undefined);
      await expect(maker.create()).rejects.toThrow();
      maker.fault = () => undefined;
      expect((await maker.create()).secret.facts.name).toBe(NAME);
      expect(maker.secrets).toBe(1);
    },
  );

  test("is one, when ten make it at once", async () => {
    const maker = new Maker();
    const made = await Promise.all(Array.from({ length: 10 }, () => maker.create()));
    expect(new Set(made.map(({ secret }) => secret.secretArn)).size).toBe(1);
    expect(made.filter(({ outcome }) => outcome === "created")).toHaveLength(1);
    expect(maker.secrets).toBe(1);
  });

  test("comes back with its ARN and its values while it waits for its deletion", async () => {
    const maker = new Maker();
    const { secret } = await maker.create();
    await maker.handle("PutSecretValue", { SecretId: NAME, SecretString: "{}" });
    await maker.deps.maker.remove(secret.secretArn, 30);
    await maker.deps.maker.remove(secret.secretArn, 30);
    expect((await maker.describe()).DeletedDate).toBeDefined();
    const back = await maker.create();
    expect(back).toMatchObject({ outcome: "restored", secret: { secretArn: secret.secretArn } });
    expect(back.secret.facts.deletedAt).toBeUndefined();
    expect(back.secret.facts.versions.size).toBe(1);
    expect((await maker.describe()).DeletedDate).toBeUndefined();
  });

  test.each<Fault>(["lost", "killed_after", "throttled", "killed_before"])(
    "comes back after a restoration that was %s",
    async (fault) => {
      const maker = new Maker();
      const { secret } = await maker.create();
      await maker.deps.maker.remove(secret.secretArn, 7);
      maker.fault = (operation) => (operation === "RestoreSecret" ? fault : undefined);
      await expect(maker.create()).rejects.toThrow();
      maker.fault = () => undefined;
      const back = await maker.create();
      expect(back.secret).toMatchObject({ secretArn: secret.secretArn });
      expect((await maker.describe()).DeletedDate).toBeUndefined();
    },
  );

  test("is another one, once the deletion is through", async () => {
    const maker = new Maker();
    const { secret } = await maker.create();
    await maker.deps.maker.remove(secret.secretArn, 7);
    maker.clock.now += 7 * DAY;
    const again = await maker.create();
    expect(again.outcome).toBe("created");
    expect(again.secret.secretArn).not.toBe(secret.secretArn);
    await maker.deps.maker.remove(secret.secretArn, 7);
    expect((await maker.describe()).DeletedDate).toBeUndefined();
  });

  test("waits until AWS lets go of the name of one that was deleted at once", async () => {
    const maker = new Maker({ nameKeptMs: 60_000 });
    const { secret } = await maker.create();
    await maker.deps.maker.remove(secret.secretArn, 0);
    await expect(maker.create()).rejects.toMatchObject({ code: "store_name_taken" });
    maker.clock.now += 60_000;
    expect((await maker.create()).outcome).toBe("created");
  });
});

describe("a name that is another's", () => {
  const declared = (tags: object[], description = encodeDeclaration(ORDER.declaration)) => ({
    Name: NAME,
    Description: description,
    Tags: tags,
  });
  const ofOrigin = (Value: string) => [{ Key: SECRET_TAGS.origin, Value }];

  test.each([
    ["of a store in config", declared([])],
    ["of a store of a list", declared(ofOrigin("listed"))],
    [
      "of another shop",
      declared(
        ofOrigin("installed-by-merchant"),
        encodeDeclaration({ ...ORDER.declaration, shop: "other.myshopify.com" as ShopDomain }),
      ),
    ],
    [
      "of another app",
      declared(
        ofOrigin("installed-by-merchant"),
        encodeDeclaration({ ...ORDER.declaration, app: "other" as AppKey }),
      ),
    ],
    ["of no store at all", declared(ofOrigin("installed-by-merchant"), "somebody's own")],
  ])("%s is refused, alive or deleted, and left as it is", async (_whose, secret) => {
    const maker = new Maker();
    await maker.handle("CreateSecret", secret);
    const before = await maker.describe();
    await expect(maker.create()).rejects.toMatchObject({
      code: "store_name_taken",
      facts: { store: "acme" },
    });
    expect(await maker.describe()).toEqual(before);
    await maker.handle("DeleteSecret", { SecretId: NAME });
    await expect(maker.create()).rejects.toMatchObject({ code: "store_name_taken" });
    expect((await maker.describe()).DeletedDate).toBeDefined();
  });
});

describe("AWS's refusals", () => {
  test.each<[Fault, string, boolean]>([
    ["throttled", "secrets_manager_unreachable", true],
    ["limit", "secrets_quota_spent", true],
  ])("%s is %s", async (fault, code, retryable) => {
    const maker = new Maker();
    maker.fault = () => fault;
    await expect(maker.create()).rejects.toMatchObject({ code, retryable });
  });
});

test("a store with a value is rotated on the schedule that a declared one has, and nothing at once", async () => {
  const maker = new Maker();
  const { secret } = await maker.create();
  await maker.handle("PutSecretValue", { SecretId: NAME, SecretString: "{}" });
  const store = { secretArn: secret.secretArn, key: ORDER.key };
  const rotation = { functionArn: ROTATE_ARN, hours: 8 } as const;
  for (let time = 0; time < 2; time += 1) await scheduleStore(store, rotation, maker.deps);
  expect(await maker.describe()).toMatchObject({
    RotationEnabled: true,
    RotationLambdaARN: ROTATE_ARN,
    RotationRules: { ScheduleExpression: expect.stringMatching(/^cron\(0 \d\/8 /), Duration: "1h" },
  });
});
