import { DeleteFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Kind } from "../../../contract/kinds";
import { MINUTE_MS } from "../../../contract/time";
import { encodeActingPolicy } from "../../../infra/policies/operator";
import type { ApiDoor } from "../../../local/aws/api-door";
import { approveBy, openInstallDoor } from "../../../local/demo/approval";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";
import { commandsIn, type Pasted } from "../../messages/commands-in";
import { beginWorld } from "../begin-world";
import { type Declared, DeclaredStack } from "../infra/declared-stack";
import { letListsArrive } from "../let-lists-arrive";
import { type Person, personWith, type Typed } from "./command";
import {
  APPS,
  declarationOf,
  fillFleet,
  installationOf,
  issueStatic,
  STORES,
} from "./thirty-stores";

const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};
/** A store of each kind, and a second one of those whose kind changes. */
const OURS = ["minted-1", "minted-2", "custom-1", "endless-1", "endless-2", "hourly-1"] as const;
type Name = (typeof OURS)[number];

interface Told {
  readonly store: string;
  readonly state: string;
  readonly needs_person: boolean;
  readonly code: string | null;
  readonly next: string | null;
}

/** What is printed as the next command is pasted as it stands, and mends what it was printed for. */
describe("the next command, pasted", () => {
  let world: World;
  let stack: DeclaredStack;
  let door: ApiDoor;
  let operator: Person;
  let root: SecretsManagerClient;
  let tokens: Record<string, string>;

  const control = () => world.shopify.imitation.control;
  const nameOf = (store: string) => `shopify/dev/stores/${store}/token`;
  const tokenOf = async (store: Name) =>
    (await readRecord(world, nameOf(store))).record.accessToken.unseal();

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    tokens = fillFleet(world);
    stack = new DeclaredStack(world);
    stack.declare(declared());
    await stack.must(stack.engine.run(["stack", "init"]));
    await stack.must(stack.up());
    letListsArrive(world);
    door = await openInstallDoor(world, await installBaseUrl(), APPS.catalog.clientId);
    root = new SecretsManagerClient(clientConfigOf(world));
    const policies = [encodeActingPolicy(FLEET)];
    operator = await personWith(world, "operator", policies);
  });

  afterAll(async () => {
    root?.destroy();
    await door?.close();
    await world?.stop();
  });

  const installBaseUrl = () => stack.must(stack.engine.run(["stack", "output", "installBaseUrl"]));

  function declared(kinds: Partial<Record<Name, Kind>> = {}): Declared {
    const all = declarationOf(tokens, { kinds });
    const stores = all["stores"] as Readonly<Record<string, object>>;
    return {
      ...all,
      recoveryWindowDays: "7",
      stores: Object.fromEntries(OURS.map((name) => [name, stores[name]])),
      accessTokens: Object.fromEntries(
        OURS.flatMap((name) => {
          const isKept = STORES[name]?.kind === (kinds[name] ?? STORES[name]?.kind);
          const token = tokens[name];
          return token === undefined || !isKept ? [] : [[name, token]];
        }),
      ),
    };
  }

  async function told(store: string): Promise<Told | undefined> {
    const { out } = await operator("status --json");
    const { stores } = JSON.parse(out) as { stores: Told[] };
    return stores.find((one) => one.store === store);
  }

  /** Types one command as it stands, with what a person adds: a new token, a merchant, a yes. */
  async function paste({ program, words }: Pasted, store: Name): Promise<Typed> {
    if (program === "pulumi") {
      const attended = words[0] === "up" ? ["--yes", "--skip-preview", "--suppress-outputs"] : [];
      const { exitCode, output } = await stack.engine.run([...words, ...attended]);
      return { code: exitCode, out: output, err: "" };
    }
    const consent = words[0] === "migrate" ? " --yes" : "";
    const input = words[0] === "put" ? issueStatic(world, store) : "";
    const typed = await operator(words.join(" ") + consent, input);
    if (words[0] === "install-link") {
      expect(await approveBy(typed.out.trim(), door, world)).toBe(200);
    }
    return typed;
  }

  /** Pastes every command of a line, in turn; all must be taken. */
  async function pasteAll(line: string, store: Name): Promise<string[]> {
    const commands = commandsIn(line);
    for (const command of commands) {
      const { code, err, out } = await paste(command, store);
      const taken = code === 0 ? "taken" : `${command.words.join(" ")}: ${err}${out}`;
      expect(taken).toBe("taken");
    }
    return commands.map(({ words }) => words[0] ?? "");
  }

  async function expectWell(store: Name): Promise<void> {
    await operator(`check ${store}`);
    expect(await told(store)).toMatchObject({ state: "ok", needs_person: false });
    const accessToken = await tokenOf(store);
    expect(control().tokenLife({ accessToken }).death).toBeNull();
  }

  test("of a store that awaits its merchant: install-link", async () => {
    const { next } = (await told("hourly-1")) ?? {};
    expect(await pasteAll(next ?? "", "hourly-1")).toEqual(["install-link"]);
    await expectWell("hourly-1");
  });

  const DEAD: readonly (readonly [Name, readonly string[]])[] = [
    ["minted-1", ["rotate"]],
    ["custom-1", ["put"]],
    // Its app has a merchant who may approve again.
    ["endless-1", ["put", "install-link"]],
  ];

  test.each(DEAD)("of a dead token of %s: %s", async (store, verbs) => {
    control().revokeToken({ accessToken: await tokenOf(store) });
    await operator(`check ${store}`);
    const { next, state } = (await told(store)) ?? {};
    expect(state).toBe("dead");
    const [pasted = "none"] = await pasteAll(next ?? "", store);
    expect(verbs).toContain(pasted);
    await expectWell(store);
  });

  test("of a pair whose refresh token is dead: rotate, and where that fails what it says: install-link", async () => {
    control().uninstall(installationOf("hourly-1"));
    control().install({ ...installationOf("hourly-1"), scopes: ["read_orders", "write_products"] });
    await world.driver.advance(70 * MINUTE_MS);
    const { next } = (await told("hourly-1")) ?? {};
    expect(await pasteAll(next ?? "", "hourly-1")).toEqual(["install-link"]);
    await expectWell("hourly-1");
  });

  test("of a migration that config permits: up prints migrate, and says nothing of it afterwards", async () => {
    stack.declare(declared({ "endless-2": "offline-expiring" }));
    const line = /endless-2: its token is yet to be migrated.*Next:.*/;
    const printed = line.exec(await stack.must(stack.up()))?.[0] ?? "";
    expect(await pasteAll(printed, "endless-2")).toEqual(["migrate"]);
    await expectWell("endless-2");
    letListsArrive(world);
    expect(await stack.must(stack.up())).not.toMatch(/endless-2: .*Next:/);
  });

  test("of a good token that is to be the one before: rollback, for every kind that has one", async () => {
    for (const store of ["minted-1", "custom-1", "endless-1"] as const) {
      const before = await tokenOf(store);
      await pasteAll(
        store === "minted-1" ? `shopify-secrets rotate ${store}` : `shopify-secrets put ${store}`,
        store,
      );
      expect(await tokenOf(store)).not.toBe(before);
      await pasteAll(`shopify-secrets rollback ${store}`, store);
      expect(await tokenOf(store)).toBe(before);
      await expectWell(store);
    }
  });

  test("of a function that was deleted by hand: doctor prints the up that brings it back", async () => {
    const lambda = new LambdaClient(clientConfigOf(world));
    await lambda.send(new DeleteFunctionCommand({ FunctionName: "shopify-dev-rotate" }));
    lambda.destroy();
    const { out, code } = await operator("doctor");
    expect(code).toBe(1);
    const next = /Next: (pulumi up .*)/.exec(out)?.[1] ?? "";
    expect(await pasteAll(next, "minted-1")).toEqual(["up"]);
    world.letRightsArrive();
    expect((await operator("doctor")).out).not.toContain("shopify-dev-rotate does not exist");
    await pasteAll("shopify-secrets rotate minted-1", "minted-1");
    await expectWell("minted-1");
  });

  test("of a secret that was deleted by hand, with its window: status prints restore, and up changes nothing", async () => {
    const before = await tokenOf("minted-2");
    await root.send(new DeleteSecretCommand({ SecretId: nameOf("minted-2") }));
    const { out } = await operator("status");
    const next = /Next, if it is to stay: (.*)/.exec(out)?.[1] ?? "";
    expect(await pasteAll(next, "minted-2")).toEqual(["restore"]);
    expect(await tokenOf("minted-2")).toBe(before);
    await expectWell("minted-2");
    expect(await stack.must(stack.up())).toMatch(/\d+ unchanged/);
  });

  test("of a secret that is gone for good: restore prints the up that makes it anew", async () => {
    const SecretId = nameOf("minted-2");
    await root.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    letListsArrive(world);
    const { err } = await operator("restore minted-2");
    const commands = commandsIn(err.slice(err.indexOf("Next:")));
    expect(commands.map(({ words }) => words[0])).toContain("up");
    for (const command of commands) {
      expect(await paste(command, "minted-2")).toMatchObject({ code: 0 });
    }
    letListsArrive(world);
    await expectWell("minted-2");
  });

  test.each(OURS)("exec runs with the token of %s", async (store) => {
    const { out: policy } = await operator(`reader-policy ${store}`);
    const reader = await personWith(world, `reader-${store}`, [encodeActingPolicy(FLEET), policy]);
    const { out, code } = await reader(`exec ${store} -- printenv SHOPIFY_ACCESS_TOKEN`);
    expect(code).toBe(0);
    expect(out.trim()).toBe(await tokenOf(store));
  });
});
