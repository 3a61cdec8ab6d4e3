import fc from "fast-check";
import type { Switches } from "../../../local/shopify/switches";
import {
  type Arranged,
  answered,
  arrange,
  codeOf,
  HOUR,
  refresh,
  statusWith,
  type TokenReply,
  tokenFor,
  tryRefresh,
} from "./arrange";

type Move = "refresh" | "lost-reply" | "double" | "outage" | "hours-pass";

/** A client that keeps the rules: it stores every pair that arrives, and presents only the stored one. */
class CarefulClient {
  readonly #world: Arranged;
  stored: TokenReply;

  constructor(world: Arranged, first: TokenReply) {
    this.#world = world;
    this.stored = first;
  }

  async make(move: Move): Promise<void> {
    const { control } = this.#world.shopify;
    switch (move) {
      case "refresh":
        this.stored = await refresh(this.#world, this.stored.refresh_token);
        return;
      case "lost-reply":
        control.break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 1 });
        await tryRefresh(this.#world, this.stored.refresh_token);
        return;
      case "double": {
        const [one] = await Promise.all(
          [1, 2].map(() => refresh(this.#world, this.stored.refresh_token)),
        );
        if (one !== undefined) this.stored = one;
        return;
      }
      case "outage":
        control.break({ on: "token-endpoint", answer: 520, times: 1 });
        expect(answered(await tryRefresh(this.#world, this.stored.refresh_token)).status).toBe(520);
        return;
      case "hours-pass":
        this.#world.advance(5 * HOUR);
        return;
      default:
        move satisfies never;
    }
  }
}

const moves = fc.array(
  fc.constantFrom<Move>("refresh", "lost-reply", "double", "outage", "hours-pass"),
  { maxLength: 30 },
);

test.each([
  ["new-pair", {}],
  ["same-pair", { refreshReplay: "same-pair" }],
] as const)(
  "a careful client never loses the chain, with refreshReplay %s",
  async (_name, switches: Partial<Switches>) => {
    await fc.assert(
      fc.asyncProperty(moves, async (sequence) => {
        const world = arrange({ switches });
        const client = new CarefulClient(
          world,
          await tokenFor(world, { code: codeOf(world), expiring: 1 }),
        );
        for (const move of sequence) await client.make(move);
        const last = await refresh(world, client.stored.refresh_token);
        expect(await statusWith(world, last.access_token)).toBe(200);
      }),
      { numRuns: 60 },
    );
  },
);

test("where an overtaken replacement is dead, two refreshes at once can lose the chain", async () => {
  const world = arrange({ switches: { overtakenReplacement: "dead" } });
  const first = await tokenFor(world, { code: codeOf(world), expiring: 1 });
  const client = new CarefulClient(world, first);
  await client.make("double");
  expect(answered(await tryRefresh(world, client.stored.refresh_token)).status).toBe(401);
  // The token before it was never replaced by a presented one, so it still recovers the chain.
  await refresh(world, first.refresh_token);
});
