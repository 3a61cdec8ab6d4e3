import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ENVIRONMENT } from "../../../contract/environment";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import type { EngineRun } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { DeclaredStack } from "../infra/declared-stack";
import { type Made, roleArn, userArn } from "./targets";

/** Of this run alone: whatever else is on the machine holds none of them. */
const RUN = randomBytes(16).toString("hex");

/** A secret that occurs nowhere else, and no piece of which is a piece of another. */
export const mark = (head: string, what: string) =>
  `${head}_${createHash("sha256").update(`${RUN} ${what}`).digest("hex").slice(0, 32)}`;

/** Everything secret that config ever holds; each value occurs nowhere else. */
export const CONFIG_SECRETS = {
  fulfilment: mark("shpss", "canary1"),
  catalog: mark("shpss", "canary2"),
  heritage: mark("shpat", "canary3"),
  partner: mark("shpat", "canary4"),
  wrong: mark("shpss", "canary5"),
  next: mark("shpss", "canary6"),
  open: mark("shpss", "canary7"),
} as const;

/** Where the stack `dev` is, as policies name it. */
export const DEV_FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};

/** The role that config names as the only reader of `heritage`. */
export const NAMED_READER = "orders";

/** The IAM user that config names for emergencies. */
export const RESCUER = "rescuer";

const APPS = {
  fulfilment: { clientId: "client-a" },
  catalog: { clientId: "client-b", distribution: "custom" },
} as const;
/** An app that holds no secret: its key is one of the things that are asked about. */
const SIGNING_APP = {
  clientId: "client-c",
  distribution: "public",
  credential: "signing-key",
} as const;
/** An app that every merchant may install, once it is there. */
const OPEN_APP = { clientId: "client-d", distribution: "public", installs: "open" } as const;
const shopOf = (key: string) => `${key}.myshopify.com`;

/** The stack `dev` with a store of each kind, deployed on a world, whose secrets are marked. */
export class MarkedFleet {
  readonly world: World;
  readonly stack: DeclaredStack;
  /** What the engine printed, by what was done. */
  readonly printed = new Map<string, string>();
  /** What entered on the way, beside config, by name. */
  readonly entered = new Map<string, string>();
  /** Where the engine and the command have their temporary files; the functions' are in the world's folder. */
  readonly temporary: string;
  #stores: Readonly<Record<string, StoreOutput>> = {};
  #made: Made | undefined;
  #isOpen = false;

  private constructor(world: World, temporary: string) {
    this.world = world;
    this.temporary = temporary;
    this.stack = new DeclaredStack(world);
  }

  static async deploy(): Promise<MarkedFleet> {
    const temporary = mkdtempSync(join(tmpdir(), "marked-fleet-"));
    process.env["TMPDIR"] = temporary;
    const fleet = new MarkedFleet(await beginWorld("2026-11-23T09:35:00Z"), temporary);
    try {
      await fleet.#deploy();
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.world.stop();
    rmSync(this.temporary, { recursive: true, force: true });
  }

  /** A secret enters: it is looked for afterwards. */
  enters(name: string, value: string): string {
    this.entered.set(name, value);
    return value;
  }

  get stores(): Readonly<Record<string, StoreOutput>> {
    return this.#stores;
  }

  get made(): Made {
    if (this.#made === undefined) throw new Error("the fleet is not deployed");
    return this.#made;
  }

  arnOf(store: string): string {
    return this.#stores[store]?.secretArn ?? "";
  }

  /** Writes config; the app of `acme` gets this client secret, and the one before while it is named. */
  declare(clientSecret: string = CONFIG_SECRETS.fulfilment, previous?: string): void {
    const { catalog, heritage, partner, open } = CONFIG_SECRETS;
    this.stack.declare({
      breakGlass: [userArn(RESCUER)],
      alarms: true,
      workQueue: true,
      apps: { ...APPS, reach: SIGNING_APP, ...(this.#isOpen ? { market: OPEN_APP } : {}) },
      clientSecrets: {
        fulfilment: clientSecret,
        catalog,
        ...(this.#isOpen ? { market: open } : {}),
      },
      ...(previous === undefined ? {} : { previousClientSecrets: { fulfilment: previous } }),
      accessTokens: { heritage, partner },
      stores: {
        acme: { kind: "client-credentials", shop: shopOf("acme"), app: "fulfilment" },
        heritage: {
          kind: "custom-app",
          shop: shopOf("heritage"),
          readers: [roleArn(NAMED_READER)],
        },
        partner: { kind: "offline", shop: shopOf("partner"), app: "catalog" },
        hourly: { kind: "offline-expiring", shop: shopOf("hourly"), app: "catalog" },
      },
    });
  }

  /** From now on the stack has an app that every merchant may install. */
  async open(): Promise<void> {
    this.#isOpen = true;
    this.declare();
    const exitCode = await this.keep("up with an open app", this.stack.up());
    if (exitCode !== 0) throw new Error(this.printed.get("up with an open app"));
  }

  /** Keeps what a run of the engine prints, and returns how it ended. */
  async keep(what: string, run: Promise<EngineRun>): Promise<number> {
    const { exitCode, output } = await run;
    this.printed.set(what, output);
    return exitCode;
  }

  async #deploy(): Promise<void> {
    this.#fillShopify();
    await this.stack.must(this.stack.engine.run(["stack", "init"]));
    this.declare();
    const exitCode = await this.keep("up", this.stack.up());
    if (exitCode !== 0) throw new Error(this.printed.get("up"));
    this.#stores = await this.stack.stores();
    this.#made = await this.#look();
  }

  #fillShopify(): void {
    const { control } = this.world.shopify.imitation;
    const { fulfilment, catalog, heritage, partner } = CONFIG_SECRETS;
    control.addApp({ ...APPS.fulfilment, clientSecret: fulfilment });
    control.addApp({ ...APPS.catalog, clientSecret: catalog });
    control.addShop({ shop: shopOf("hourly") });
    const { clientId } = APPS.catalog;
    control.install({ ...APPS.fulfilment, shop: shopOf("acme") });
    for (const key of ["heritage", "partner"]) control.install({ clientId, shop: shopOf(key) });
    const custom = { shop: shopOf("heritage"), kind: "custom-app", accessToken: heritage } as const;
    const offline = { shop: shopOf("partner"), kind: "offline", accessToken: partner } as const;
    for (const token of [custom, offline]) control.issueToken({ clientId, ...token });
  }

  async #look(): Promise<Made> {
    const app = (await this.world.secrets.handle("DescribeSecret", {
      SecretId: "shopify/dev/apps/fulfilment/credential",
    })) as { ARN: string };
    const storeArns = Object.entries(this.#stores).map(([key, { secretArn }]) => [key, secretArn]);
    const secretsKey = this.stack.engine.run(["stack", "output", "kmsKeyArn"]);
    return {
      storeArns: Object.fromEntries(storeArns),
      appSecretArn: app.ARN,
      secretsKeyArn: (await this.stack.must(secretsKey)).trim(),
      refreshKeyArn: await this.#refreshKey(),
      signingKeyArn: await this.#signingKey(),
    };
  }

  /** The tag of the app's secret leads to its keys. */
  async #signingKey(): Promise<string> {
    const { Tags = [] } = (await this.world.secrets.handle("DescribeSecret", {
      SecretId: "shopify/dev/apps/reach/credential",
    })) as { Tags?: { Key: string; Value: string }[] };
    const arn = Tags.find(({ Key }) => Key === "shopify-signing-keys")?.Value;
    if (arn === undefined) throw new Error("the app that signs has no key");
    return arn;
  }

  /** The functions that seal refresh tokens are told the key. */
  async #refreshKey(): Promise<string> {
    const lambda = new LambdaClient(clientConfigOf(this.world));
    const FunctionName = "shopify-dev-sweep";
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    lambda.destroy();
    const arn = found.Environment?.Variables?.[ENVIRONMENT.refreshKeyArn];
    if (arn === undefined) throw new Error("the sweep has no key for refresh tokens");
    return arn;
  }
}
