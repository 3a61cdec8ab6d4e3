import { createHash } from "node:crypto";
import type { StoreKey } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import { CodedError } from "../../../contract/errors";
import { LIST_KEY } from "../../../contract/listed/list-bucket";
import { toleratedShare } from "../../../contract/listed/list-plan";
import { parseListStep } from "../../../contract/listed/list-steps";
import { type ListWork, parseWork } from "../../../contract/listed/list-work";
import {
  encodeListedStore,
  encodeListHead,
  type ListedStore,
} from "../../../contract/listed/listed-store";
import { storeSecretName } from "../../../contract/names";
import { type EpochMs, epochMs } from "../../../contract/time";
import type { ApplyDeps } from "../../../lambda/apply/deps";
import { make } from "../../../lambda/apply/make";
import { note } from "../../../lambda/apply/note";
import { plan } from "../../../lambda/apply/plan";
import { schedule } from "../../../lambda/apply/schedule";
import { createLog } from "../../../lambda/log";
import { createFindSecret } from "../../../lambda/secrets/find-secret";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import { createMakerPort } from "../../../lambda/secrets/maker-port";
import {
  createSecretsPort,
  type SecretsManagerSend,
} from "../../../lambda/secrets/secrets-manager";
import {
  createInProcessClient,
  type SdkCommand,
  SecretsManagerModel,
  seededRandomness,
} from "../../../local/secrets-manager";
import { ACCOUNT, PREFIX, REGION } from "../../simulation/stage";
import { Invocation } from "../stand/stand";

const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000001`;
const ROTATE_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shopify-test-rotate`;
const BEGINS = Date.UTC(2026, 10, 29);
const RUN = "2026-11-29T00-00-00Z";

function listed(key: string, change: Partial<ListedStore> & { shop?: string } = {}): ListedStore {
  const { shop = key, ...rest } = change;
  const declaration = encodeDeclaration({
    kind: "client-credentials",
    shop: `${shop}.myshopify.com` as never,
    app: "erp" as never,
    scopes: [],
    apiVersion: "2026-10" as never,
  });
  return { store: key as StoreKey, declaration, rotationHours: 8, clientId: "erp-id", ...rest };
}

/** A Secrets Manager and a bucket, with any call in a test's grip. */
class Stand {
  readonly bucket = new Map<string, string>();
  readonly calls: string[] = [];
  readonly model = new SecretsManagerModel({
    region: REGION,
    accountId: ACCOUNT,
    now: () => BEGINS,
    randomness: seededRandomness(7),
    ports: { mayInvoke: async () => true, invoke: async () => undefined },
  });
  /** The call after which the function is killed; undefined: none. */
  killAfter: number | undefined;

  list(stores: readonly ListedStore[], tags: Record<string, string> = { team: "orders" }): void {
    const head = { prefix: PREFIX, tags, recoveryWindowDays: 7, retireAtMost: 10 };
    const lines = [encodeListHead(head), ...stores.map(encodeListedStore)];
    this.bucket.set(LIST_KEY, `${lines.join("\n")}\n`);
  }

  etagOf(key: string): string {
    return createHash("md5")
      .update(this.bucket.get(key) ?? "")
      .digest("hex");
  }

  get deps(): ApplyDeps {
    const client = createInProcessClient(this.model);
    let calls = 0;
    const send = async (command: SdkCommand): Promise<object> => {
      this.calls.push(command.constructor.name.replace(/Command$/, ""));
      const answer = await client.send(command);
      calls += 1;
      if (calls === this.killAfter) throw new Error("killed");
      return answer;
    };
    const own = { send } as unknown as SecretsManagerSend;
    const deadline = new Invocation();
    const fleet = createFleetPort(own, { prefix: PREFIX, deadline });
    const port = createSecretsPort(own, deadline);
    return {
      prefix: PREFIX,
      bucket: {
        name: "bucket",
        read: async (key) => ({ text: this.bucket.get(key) ?? "", etag: this.etagOf(key) }),
        etagOf: async (key) => this.etagOf(key),
        write: async (key, text) => void this.bucket.set(key, text),
      },
      secrets: { listStores: () => fleet.listStores(), tag: (arn, tags) => port.tag(arn, tags) },
      maker: createMakerPort(own, deadline),
      find: createFindSecret(own, deadline),
      clock: { now: (): EpochMs => epochMs(BEGINS) },
      deadline,
      kmsKeyArn: KEY_ARN,
      rotationFunctionArn: ROTATE_ARN,
      log: createLog(() => undefined),
    };
  }

  /** Plans, and gives each store's work. */
  async plan(retireAtMost?: number): Promise<ListWork[]> {
    const step = { action: "plan", run: RUN, retireAtMost, toleratedFailures: 20 } as const;
    const { key } = await plan(step, this.deps);
    const lines = (this.bucket.get(key) ?? "").split("\n").filter((line) => line !== "");
    return lines.map((line) => parseWork(JSON.parse(line)));
  }

  /** Has the whole of a list carried out, as the state machine does. */
  async apply(retireAtMost?: number): Promise<string[]> {
    const work = await this.plan(retireAtMost);
    for (const one of work) await this.carryOut(one);
    return work.map(({ deed, store }) => `${deed} ${store}`);
  }

  async carryOut(work: ListWork): Promise<void> {
    const { next, enrol } = await make(work, this.deps);
    if (next === "nothing" || enrol === null) return;
    await this.enrol(enrol.secret_arn);
    await schedule(work, this.deps);
  }

  /** What the enrol function leaves. */
  async enrol(SecretId: string): Promise<void> {
    const token = this.model.newToken();
    await this.model.handle("PutSecretValue", {
      SecretId,
      SecretString: "a record",
      ClientRequestToken: token,
    });
  }

  async see(key: string) {
    const SecretId = storeSecretName(PREFIX, key as StoreKey);
    const { Tags = [], ...rest } = (await this.model.handle("DescribeSecret", { SecretId })) as {
      Tags?: { Key: string; Value: string }[];
      Description: string;
      DeletedDate?: Date;
      RotationEnabled?: boolean;
      RotationRules?: { ScheduleExpression: string };
      KmsKeyId: string;
    };
    const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
    return { ...rest, tags };
  }
}

describe("a list that is applied", () => {
  test("makes each store with its description, key, tags and schedule, and then has nothing to do", async () => {
    const stand = new Stand();
    const [one, two] = [listed("one"), listed("two", { rotationHours: 4 })];
    stand.list([one, two]);
    expect(await stand.apply()).toEqual(["create one", "create two"]);
    const seen = await stand.see("two");
    expect(seen).toMatchObject({
      Description: two.declaration,
      KmsKeyId: KEY_ARN,
      RotationEnabled: true,
      RotationRules: { ScheduleExpression: expect.stringMatching(/^cron\(0 \d\/4 /) as string },
      tags: {
        team: "orders",
        "shopify-store": "two",
        "shopify-kind": "client-credentials",
        "shopify-client-id": "erp-id",
        "shopify-origin": "listed",
      },
    });
    const before = stand.model.state;
    expect(await stand.apply()).toEqual([]);
    expect(stand.model.state).toBe(before);
  });

  test("changes what is another: description, tags, schedule", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    await stand.apply();
    const changed = listed("one", { shop: "other", rotationHours: 12, clientId: "new-id" });
    stand.list([changed], { owner: "stock" });
    expect(await stand.apply()).toEqual(["change one"]);
    expect(await stand.see("one")).toMatchObject({
      Description: changed.declaration,
      RotationRules: { ScheduleExpression: expect.stringMatching(/\/12 /) as string },
      tags: {
        owner: "stock",
        "shopify-client-id": "new-id",
        "shopify-secrets:state": expect.any(String) as string,
      },
    });
    expect(await stand.apply()).toEqual([]);
  });

  test("takes its own tags off that the list wants no more, and leaves those of others", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    await stand.apply();
    const SecretId = storeSecretName(PREFIX, "one" as StoreKey);
    const Tags = [{ Key: "cost-center", Value: "42" }];
    await stand.model.handle("TagResource", { SecretId, Tags });
    expect(await stand.apply()).toEqual([]);
    stand.list([listed("one", { clientId: undefined })]);
    expect(await stand.apply()).toEqual(["change one"]);
    const { tags } = await stand.see("one");
    expect(tags).toMatchObject({ "cost-center": "42", "shopify-store": "one" });
    expect(tags).not.toHaveProperty("shopify-client-id");
    expect(await stand.apply()).toEqual([]);
  });

  test("retires with a recovery window, and takes back what is listed again", async () => {
    const stand = new Stand();
    stand.list([listed("one"), listed("two")]);
    await stand.apply();
    stand.list([listed("one")]);
    expect(await stand.apply()).toEqual(["retire two"]);
    expect((await stand.see("two")).DeletedDate).toBeInstanceOf(Date);
    stand.list([listed("one"), listed("two")]);
    expect(await stand.apply()).toEqual(["restore two"]);
    expect((await stand.see("two")).DeletedDate).toBeUndefined();
    expect(await stand.apply()).toEqual([]);
  });

  test("refuses to retire more than it may, unless it is said so", async () => {
    const stand = new Stand();
    const stores = ["one", "two", "three", "four"].map((key) => listed(key));
    stand.list(stores);
    await stand.apply();
    stand.list(stores.slice(2));
    await expect(stand.plan()).rejects.toMatchObject({ code: "retirement_refused" });
    expect(await stand.apply(50)).toEqual(["retire one", "retire two"]);
  });

  test("leaves alone what is not the list's, also where it comes there after the plan", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const [work] = await stand.plan();
    const Name = storeSecretName(PREFIX, "one" as StoreKey);
    await stand.model.handle("CreateSecret", { Name, ClientRequestToken: stand.model.newToken() });
    const before = stand.model.state;
    await expect(make(work as ListWork, stand.deps)).rejects.toMatchObject({
      code: "store_not_of_list",
    });
    await expect(make({ ...(work as ListWork), deed: "retire" }, stand.deps)).rejects.toMatchObject(
      {
        code: "store_not_of_list",
      },
    );
    expect(stand.model.state).toBe(before);
    expect(await stand.apply()).toEqual([]);
  });

  test("what config let go of between plan and work is not restored, and is told so", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const [work] = await stand.plan();
    const SecretId = storeSecretName(PREFIX, "one" as StoreKey);
    const ClientRequestToken = stand.model.newToken();
    await stand.model.handle("CreateSecret", { Name: SecretId, ClientRequestToken });
    await stand.model.handle("DeleteSecret", { SecretId, RecoveryWindowInDays: 7 });
    await expect(make(work as ListWork, stand.deps)).rejects.toMatchObject({
      code: "store_awaits_deletion",
    });
  });

  test.each(["create", "change", "retire", "restore"] as const)(
    "killed after any call of a %s, and begun again, ends as if nothing had been",
    async (deed) => {
      for (let killAfter = 1; killAfter < 8; killAfter += 1) {
        const stand = new Stand();
        if (deed !== "create") {
          stand.list([listed("one")]);
          await stand.apply();
        }
        if (deed === "restore") {
          stand.list([]);
          await stand.apply();
        }
        stand.list(
          deed === "retire" ? [] : [listed("one", deed === "change" ? { shop: "other" } : {})],
          deed === "change" ? {} : undefined,
        );
        const [work] = await stand.plan();
        if (work === undefined) throw new Error("there is no work");
        stand.killAfter = killAfter;
        await stand
          .carryOut(work)
          .catch((error: Error) => expect(error.message).toMatch(/killed|unexpected/));
        stand.killAfter = undefined;
        await stand.carryOut(work);
        expect(await stand.apply()).toEqual([]);
      }
    },
  );

  test("what is left of a list that was replaced is not carried out, whatever it is", async () => {
    const stand = new Stand();
    stand.list([listed("one"), listed("two")]);
    await stand.apply();
    // A typo in a shop, a new store that was not meant, and another that is forgotten.
    stand.list([listed("one", { shop: "typo" }), listed("three")]);
    const work = await stand.plan();
    expect(work.map(({ deed, store }) => `${deed} ${store}`)).toEqual([
      "change one",
      "create three",
      "retire two",
    ]);
    stand.list([listed("one"), listed("two")]);
    const before = stand.model.state;
    for (const one of work) {
      await expect(stand.carryOut(one)).rejects.toMatchObject({ code: "list_replaced" });
    }
    expect(stand.model.state).toBe(before);
    expect(await stand.apply()).toEqual([]);
  });

  test("a list that comes between the plan that was shown and the run is not planned", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const listEtag = stand.etagOf(LIST_KEY);
    const step = { action: "plan", run: RUN, retireAtMost: 100, toleratedFailures: 20 } as const;
    await plan({ ...step, listEtag }, stand.deps);
    stand.list([]);
    await expect(plan({ ...step, run: "next", listEtag }, stand.deps)).rejects.toMatchObject({
      code: "list_replaced",
    });
    expect([...stand.bucket.keys()]).toEqual([LIST_KEY, `work/${RUN}.jsonl`]);
    // A run that was begun by hand says of no list that it was seen.
    await plan({ ...step, run: "last" }, stand.deps);
    expect(
      parseListStep({ action: "plan", run: RUN, input: { listEtag, retireAtMost: 4 } }),
    ).toMatchObject({ listEtag, retireAtMost: 4 });
  });

  test("the same list uploaded again is no other, and work of before knows of no list", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const [work] = await stand.plan();
    stand.list([]);
    stand.list([listed("one")]);
    await stand.carryOut(work as ListWork);
    stand.list([listed("one"), listed("two")]);
    await stand.carryOut({ ...(work as ListWork), listEtag: undefined });
    expect((await stand.see("one")).tags).toMatchObject({ "shopify-store": "one" });
  });

  test.each([
    [1, 20, 100],
    [5, 20, 100],
    [6, 20, 84],
    [25, 20, 20],
    [100_000, 20, 20],
    [4, 0, 0],
  ])("of %i stores and %i percent, %i percent may fail", async (stores, percent, tolerated) => {
    expect(toleratedShare(stores, percent)).toBe(tolerated);
  });

  test("a list of another stack, or one that was spoilt, touches nothing", async () => {
    const stand = new Stand();
    const head = { prefix: "shopify/other", tags: {}, recoveryWindowDays: 7, retireAtMost: 100 };
    for (const text of [encodeListHead(head), "", "null", "{}"]) {
      stand.bucket.set(LIST_KEY, text);
      await expect(stand.plan()).rejects.toMatchObject({ code: "list_malformed" });
    }
    expect(stand.calls).toEqual([]);
  });

  test("asks an enrolment for what the list says, and hands over no secret", async () => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const [work] = await stand.plan();
    const { enrol } = await make(work as ListWork, stand.deps);
    expect(enrol).toMatchObject({
      action: "enrol",
      store: "one",
      kind: "client-credentials",
      shop: "one.myshopify.com",
      app: "erp",
      access_token: "",
      token_source: "config",
    });
  });

  test.each([
    ["app_not_installed", "", "app_not_installed"],
    ["Lambda.Unknown", '{"errorType":"scope_missing","errorMessage":"x"}', "scope_missing"],
    ["States.Timeout", "shpat_a-token", "unexpected"],
    ["Lambda.Unknown", '{"errorType":"no_code_of_ours"}', "unexpected"],
  ])("a failure %s is written down as a code", async (error, cause, code) => {
    const stand = new Stand();
    stand.list([listed("one")]);
    const [work] = await stand.plan();
    await note({ action: "note", run: RUN, work: work as ListWork, error, cause }, stand.deps);
    expect(stand.bucket.get(`failed/${RUN}/one.json`)).toBe(
      JSON.stringify({ store: "one", deed: "create", code }),
    );
  });
});

describe("what the state machine asks", () => {
  test.each<[unknown, string]>([
    [undefined, "action"],
    [{ action: "rotate" }, "action"],
    [{ action: "plan" }, "run"],
    [{ action: "plan", run: "../x" }, "run"],
    [{ action: "make", item: { store: "A" } }, "store"],
    [{ action: "make" }, "item"],
  ])("%j is refused by its field", (event, field) => {
    expect(() => parseListStep(event)).toThrow(CodedError);
    try {
      parseListStep(event);
    } catch (error) {
      expect(error).toMatchObject({ code: "event_malformed", facts: { field } });
    }
  });
});
