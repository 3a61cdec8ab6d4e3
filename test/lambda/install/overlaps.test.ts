import type { Notice } from "../../../contract/notice";
import { STATUS_TAGS } from "../../../contract/store/status";
import type { SweepRequest } from "../../../contract/sweep";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import type { SecretsManagerSend } from "../../../lambda/secrets/secrets-manager";
import { answer } from "../../../lambda/sweep/answer";
import { createInProcessClient } from "../../../local/secrets-manager";
import { type CallPoint, Killed } from "../world/faults";
import { Invocation, type LambdaWorld, MINUTE, PREFIX, STORE } from "../world/lambda-world";
import { VirtualTime } from "../world/virtual-time";
import { InstallWorld } from "./install-world";

/** How much later the second of two begins: 66 times, in milliseconds. */
const OFFSETS = Array.from({ length: 66 }, (_, step) => step * 5);
const SECOND = 1_000;
/** The time that an invocation of the sweep function has. */
const SWEEP_BUDGET_MS = 530 * SECOND;
const TOKENS = "/admin/oauth/access_token";

/** A store whose merchant, operator and schedule act at the same time, each call of theirs taking its time. */
class Overlap {
  readonly install: InstallWorld;
  readonly time: VirtualTime;
  readonly notices: Notice[] = [];
  /** Versions that were AWSCURRENT again after another one. */
  readonly wentBack: string[] = [];
  /** How long the answer of a call takes beside the usual. */
  lateMs: (point: CallPoint) => number = () => 0;

  private constructor(install: InstallWorld) {
    this.install = install;
    this.time = new VirtualTime(install.world.clock);
  }

  static async create(kind: "offline" | "offline-expiring"): Promise<Overlap> {
    const install = await InstallWorld.create({ kind, hasValue: true });
    await install.world.declare("offline-expiring");
    const overlap = new Overlap(install);
    await overlap.sweep();
    overlap.#watch();
    return overlap;
  }

  #watch(): void {
    const were: string[] = [];
    this.world.onChange = async () => {
      const { versionId = "" } = (await this.world.current()) ?? {};
      if (versionId === were.at(-1)) return;
      if (were.includes(versionId)) this.wentBack.push("AWSCURRENT went back");
      were.push(versionId);
    };
  }

  get world(): LambdaWorld {
    return this.install.world;
  }

  /** Nobody sees the mark of an approval, nor what approvals brought: they go on side by side, as after slow calls. */
  withoutFence(): void {
    const { model } = this.world;
    const handle = model.handle.bind(model);
    model.handle = async (operation, input) => {
      if (operation === "ListSecretVersionIds") {
        const { SecretId } = input as { readonly SecretId: string };
        return { ARN: SecretId, Versions: [] };
      }
      const { Tags = [] } = input as { readonly Tags?: readonly { readonly Key: string }[] };
      const isMark = Tags.some(({ Key }) => Key === STATUS_TAGS.approving);
      return operation === "TagResource" && isMark ? {} : await handle(operation, input);
    };
  }

  /** Everything from here on takes time: 2 to 40 ms a call, half before its effect and half after. */
  async overlapping(...work: readonly (() => Promise<unknown>)[]): Promise<void> {
    const { world } = this;
    const usual = ({ index }: CallPoint) => 1 + (((index * 2_654_435_761) % 2 ** 32) % 20);
    world.before = (point) => this.time.sleep(usual(point));
    world.after = (point) => this.time.sleep(usual(point) + this.lateMs(point));
    await this.time.run(...work.map((one) => one()));
    world.before = async () => undefined;
    world.after = async () => undefined;
    world.plan = () => undefined;
  }

  async after(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
    await this.time.sleep(milliseconds);
    await work().catch(() => undefined);
  }

  /** A merchant who stands before the page of Shopify, and what comes of his click. */
  async approval(): Promise<() => Promise<unknown>> {
    const visit = await this.install.begin();
    const query = this.install.approve(visit);
    return () => this.install.callback(query, [visit.cookie]);
  }

  async act(request: SweepRequest): Promise<unknown> {
    const { world } = this;
    const client = createInProcessClient(world.model) as unknown as SecretsManagerSend;
    const invocation = new Invocation(SWEEP_BUDGET_MS);
    return await answer(request, {
      ...world.parts(invocation),
      fleet: createFleetPort(client, { prefix: PREFIX, deadline: invocation }),
      storesAtOnce: 4,
      publish: async (notice) => void this.notices.push(notice),
      findOwnAddress: async () => undefined,
      callFunction: async () => undefined,
      emit: () => undefined,
    });
  }

  async sweep(): Promise<void> {
    await this.act({ action: "sweep" }).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
  }

  /** Hours in which the schedule sweeps and an application reads every minute; returns the minutes in which its token was dead. */
  async deadMinutes(milliseconds: number): Promise<number> {
    const { clock } = this.world;
    let dead = 0;
    const start = Math.ceil(clock.now / MINUTE) * MINUTE;
    for (let at = start; at < start + milliseconds; at += MINUTE) {
      clock.now = at;
      if (at % (10 * MINUTE) === 0) await this.sweep();
      const current = await this.world.current();
      if (!this.world.isAlive(current?.record.accessToken.unseal() ?? "")) dead += 1;
    }
    return dead;
  }

  /** What is wrong from the overlap on until its tokens have ended. */
  async brokenAfter(): Promise<string[]> {
    const dead = await this.deadMinutes(75 * MINUTE);
    const told = this.notices.map(({ turn, code }) => `${turn} ${code}`);
    return [...(dead === 0 ? [] : [`${dead} dead minutes`]), ...told, ...this.wentBack];
  }
}

/** Lives through an overlap at every offset, and says at which ones something broke. */
async function atEveryOffset(live: (offset: number) => Promise<string[]>): Promise<string[]> {
  const broken: string[] = [];
  for (const offset of OFFSETS) {
    const found = await live(offset);
    broken.push(...found.map((what) => `${offset} ms: ${what}`));
  }
  return broken;
}

/** Makes one answer of many come late. */
function delay(overlap: Overlap, answer: { operation: string; which: number; ms: number }): void {
  let answers = 0;
  overlap.lateMs = ({ operation }) => {
    if (!operation.endsWith(answer.operation)) return 0;
    answers += 1;
    return answers === answer.which ? answer.ms : 0;
  };
}

const REPLIES = [
  ["whose replies come in order", 0, 1],
  ["of which the first reply comes three seconds late", 3 * SECOND, 60],
] as const;

const FENCES = [
  ["with the fence between them", (_overlap: Overlap) => undefined],
  ["past the fence", (overlap: Overlap) => overlap.withoutFence()],
] as const;

describe.each(FENCES)("two approvals at the same time, %s", (_fence, fence) => {
  test.each(REPLIES)(
    "%s leave the pair that lives, whichever was first",
    async (_what, lateMs, stretch) => {
      const broken = await atEveryOffset(async (offset) => {
        const overlap = await Overlap.create("offline-expiring");
        fence(overlap);
        const [first, second] = [await overlap.approval(), await overlap.approval()];
        delay(overlap, { operation: TOKENS, which: 1, ms: lateMs });
        await overlap.overlapping(first, () => overlap.after(offset * stretch, second));
        return await overlap.brokenAfter();
      });
      expect(broken).toEqual([]);
    },
  );
});

describe("an approval and a migration at the same time", () => {
  const MIGRATE = { action: "migrate", store: STORE } as const;

  test.each(REPLIES)(
    "%s leave the pair that lives, whichever was first",
    async (_what, lateMs, stretch) => {
      const broken = await atEveryOffset(async (offset) => {
        const overlap = await Overlap.create("offline");
        const approval = await overlap.approval();
        const migration = () => overlap.act(MIGRATE).catch(() => undefined);
        delay(overlap, { operation: TOKENS, which: 1, ms: lateMs });
        const [one, other] = offset % 2 === 0 ? [migration, approval] : [approval, migration];
        await overlap.overlapping(one, () => overlap.after(offset * stretch, other));
        return await overlap.brokenAfter();
      });
      expect(broken).toEqual([]);
    },
  );
});

const PROMOTES = "UpdateSecretVersionStage";

/** What was cut off right before its promotion, and can only be taken up by the sweep. */
const CUT_OFF: readonly (readonly [string, () => Promise<Overlap>])[] = [
  [
    "install",
    async () => {
      const overlap = await Overlap.create("offline-expiring");
      const approval = await overlap.approval();
      overlap.world.plan = ({ operation }) =>
        operation === PROMOTES ? "killed_before" : undefined;
      await approval().catch(() => undefined);
      return overlap;
    },
  ],
  [
    "migration",
    async () => {
      const overlap = await Overlap.create("offline");
      overlap.world.plan = ({ operation }) =>
        operation === PROMOTES ? "killed_before" : undefined;
      await overlap.act({ action: "migrate", store: STORE }).catch(() => undefined);
      return overlap;
    },
  ],
];

describe.each(CUT_OFF)("two sweeps that take up the same %s that was cut off", (_what, cutOff) => {
  test.each([
    [5, 0],
    [65, 0],
    [65, SECOND],
  ])(
    "%i minutes ago never bring back what was left, also when the second trial takes %i ms more",
    async (minutes, ms) => {
      const broken = await atEveryOffset(async (offset) => {
        const overlap = await cutOff();
        overlap.world.plan = () => undefined;
        overlap.world.clock.now += minutes * MINUTE;
        delay(overlap, { operation: "graphql.json", which: 2, ms });
        await overlap.overlapping(
          () => overlap.sweep(),
          () => overlap.after(offset, () => overlap.sweep()),
        );
        return await overlap.brokenAfter();
      });
      expect(broken).toEqual([]);
    },
  );
});
