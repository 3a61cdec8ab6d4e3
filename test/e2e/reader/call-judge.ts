import type { World } from "../../../local/world/world";

/** What Shopify saw of one caller, added up over a run that is longer than the imitation's own log. */
export class CallJudge {
  served = 0;
  refused = 0;
  /** The tokens that the caller's served calls presented, by the imitation's numbers. */
  readonly used = new Set<number>();
  /** The tokens that the token endpoint handed out, to whomever. */
  readonly handedOut = new Set<number>();
  readonly #world: World;
  readonly #caller: string;
  readonly #lastCalledAt = new Map<string, number>();

  constructor(world: World, caller: string) {
    this.#world = world;
    this.#caller = caller;
  }

  /** Takes over what the imitation logged since the last time. */
  collect(): void {
    const { control } = this.#world.shopify.imitation;
    const calls = control.readCalls({ caller: this.#caller });
    const grants = control.readCalls({ surface: "token-endpoint" });
    control.clearCalls(); // in one turn with reading, so that nothing falls between
    for (const { shop, at, cause, tokenId } of calls) {
      this.#lastCalledAt.set(shop, at);
      if (cause !== undefined) this.refused += 1;
      else {
        this.served += 1;
        if (tokenId !== undefined) this.used.add(tokenId);
      }
    }
    for (const { tokenId } of grants) {
      if (tokenId !== undefined) this.handedOut.add(tokenId);
    }
  }

  /** When the caller last called a shop; undefined: never. */
  lastCallTo(shop: string): number | undefined {
    this.collect();
    return this.#lastCalledAt.get(shop);
  }
}
