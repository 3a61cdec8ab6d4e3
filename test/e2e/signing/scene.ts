import { epochMs, SECOND_MS } from "../../../contract/time";
import { encodeActingPolicy } from "../../../infra/policies/operator";
import {
  type Application,
  type ApplicationTally,
  startApplication,
} from "../../../local/demo/applications";
import { createReaderUser } from "../../../local/demo/reader-user";
import { type CurrentRecord, readRecord } from "../../../local/demo/records";
import type { StoreOutput } from "../../../local/demo/stack";
import type { World } from "../../../local/world/world";
import { commandsIn } from "../../messages/commands-in";
import { beginWorld } from "../begin-world";
import { DeclaredStack } from "../infra/declared-stack";
import { letListsArrive } from "../let-lists-arrive";
import { type Person, personWith } from "../operator/command";
import { until } from "../until";

export const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};

const CALLER = "application";
/** The application's calls that are waited for after each thing that happens. */
const CALLS_A_STEP = 4;

/** A public key as it is pasted. */
export type Jwk = Readonly<Record<string, unknown>>;

/** A store as `status --json` tells of it. */
export interface Told {
  readonly store: string;
  readonly state: string;
  readonly code: string | null;
  readonly next: string | null;
}

/** A stack whose apps sign, an operator who may act, and an application that reads and calls all the while. */
export class SigningScene {
  readonly world: World;
  readonly stack: DeclaredStack;
  readonly operator: Person;
  #stores: Readonly<Record<string, StoreOutput>> = {};
  #application: Application | undefined;
  #called: readonly string[] = [];

  static async start(instant: string): Promise<SigningScene> {
    const world = await beginWorld(instant);
    const stack = new DeclaredStack(world);
    const operator = await personWith(world, "operator", [
      encodeActingPolicy(FLEET, { hasSigningKeys: true }),
    ]);
    await stack.must(stack.engine.run(["stack", "init"]));
    return new SigningScene(world, stack, operator);
  }

  private constructor(world: World, stack: DeclaredStack, operator: Person) {
    this.world = world;
    this.stack = stack;
    this.operator = operator;
  }

  get control() {
    return this.world.shopify.imitation.control;
  }

  async stop(): Promise<void> {
    this.#application?.kill();
    await this.world.stop();
  }

  /** `pulumi up`, and what it printed. */
  async up(config?: Readonly<Record<string, unknown>>): Promise<string> {
    if (config !== undefined) this.stack.declare(config);
    const output = await this.stack.must(this.stack.up());
    this.#stores = await this.stack.stores();
    return output;
  }

  arnOf(store: string): string {
    return this.#stores[store]?.secretArn ?? "";
  }

  recordOf(store: string): Promise<CurrentRecord> {
    return readRecord(this.world, this.arnOf(store));
  }

  async deathOf(store: string): Promise<string | null> {
    const { record } = await this.recordOf(store);
    return this.control.tokenLife({ accessToken: record.accessToken.unseal() }).death;
  }

  /** The public keys of an app, the one that signs first. */
  async printed(app: string): Promise<readonly Jwk[]> {
    const { code, out, err } = await this.operator(`public-key ${app} --json`);
    if (code !== 0) throw new Error(err);
    return (JSON.parse(out) as { keys: { jwk: Jwk }[] }).keys.map(({ jwk }) => jwk);
  }

  async told(store: string): Promise<Told> {
    letListsArrive(this.world);
    const { out, err } = await this.operator("status --json");
    if (out === "") throw new Error(err);
    const { stores } = JSON.parse(out) as { stores: Told[] };
    const found = stores.find((one) => one.store === store);
    if (found === undefined) throw new Error(`no ${store} in ${out}`);
    return found;
  }

  /** Pastes every command of a line into a terminal, each as it stands. */
  async paste(line: string): Promise<void> {
    for (const { program, words } of commandsIn(line)) {
      if (program !== "pulumi") throw new Error(`${program} is typed by the test itself`);
      const attended = words[0] === "up" ? ["--yes", "--skip-preview", "--suppress-outputs"] : [];
      await this.stack.must(this.stack.engine.run([...words, ...attended]));
    }
  }

  /** Starts an application that may read these stores and nothing else, and waits for its first calls. */
  async startApplication(...names: string[]): Promise<void> {
    const stores = Object.fromEntries(
      names.map((name) => [name, this.#stores[name] as StoreOutput]),
    );
    const policies = Object.values(stores).map(({ readerPolicy }) => readerPolicy);
    const credentials = await createReaderUser(this.world, CALLER, policies);
    this.#called = names;
    this.#application = startApplication(this.world, { name: CALLER, stores, credentials });
    await this.#awaitCalls();
  }

  /** Ends the application: what it counted itself, and what Shopify counted of it. */
  async finishApplication(): Promise<{
    readonly own: ApplicationTally;
    readonly seen: { readonly refused: number; readonly withDeadToken: number };
  }> {
    if (this.#application === undefined) throw new Error("there is no application");
    const own = await this.#application.finish();
    this.#application = undefined;
    this.#called = [];
    const { refused, withDeadToken } = this.control.countCalls({ caller: CALLER });
    return { own, seen: { refused, withDeadToken } };
  }

  /**
   * Lets time pass from event to event; the application calls on while one lasts, and not while the clock jumps to the
   * second before it: a call that is under way would arrive minutes after it was sent.
   */
  async pass(milliseconds: number): Promise<void> {
    const { clock, driver } = this.world;
    const end = clock.now() + milliseconds;
    while (clock.now() < end) {
      const next = (await driver.nextDueAt()) ?? end;
      const target = Math.min(end, Math.max(next, clock.now() + SECOND_MS));
      const jump = () => driver.moveTo(epochMs(target - SECOND_MS));
      await (this.#application === undefined ? jump() : this.#application.between(jump));
      await driver.moveTo(epochMs(target));
      await this.#awaitCalls();
      for (const store of this.#called) {
        const death = await this.deathOf(store);
        if (death !== null) throw new Error(`${store} has a dead token: ${death}`);
      }
    }
  }

  async #awaitCalls(): Promise<void> {
    if (this.#application === undefined) return;
    const since = this.world.clock.now();
    await until(() => {
      const failure = this.#application?.failure();
      if (failure !== undefined) throw new Error(`the application ended: ${failure}`);
      const { served, refused } = this.control.countCalls({ since, caller: CALLER });
      return served + refused >= CALLS_A_STEP;
    });
  }
}
