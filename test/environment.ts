import { AsyncLocalStorage } from "node:async_hooks";
import { TestEnvironment } from "jest-environment-node";

type Storage = AsyncLocalStorage<unknown>;

/**
 * Node's environment, which takes along what its file of tests left with Node.
 *
 * Before Node 24 every promise carries the values of all storages that were ever entered. Jest's runner makes one for each
 * file, and so does the engine's SDK: by the fortieth file of a worker the promises took more memory than it has.
 */
export default class OwnStorages extends TestEnvironment {
  readonly #entered = new Set<Storage>();
  readonly #run = AsyncLocalStorage.prototype.run;
  readonly #enterWith = AsyncLocalStorage.prototype.enterWith;

  override async setup(): Promise<void> {
    await super.setup();
    const entered = this.#entered;
    const run = this.#run;
    const enterWith = this.#enterWith;
    AsyncLocalStorage.prototype.run = function (this: Storage, ...args: Parameters<typeof run>) {
      entered.add(this);
      return run.apply(this, args);
    } as typeof run;
    AsyncLocalStorage.prototype.enterWith = function (this: Storage, store) {
      entered.add(this);
      enterWith.call(this, store);
    };
  }

  override async teardown(): Promise<void> {
    AsyncLocalStorage.prototype.run = this.#run;
    AsyncLocalStorage.prototype.enterWith = this.#enterWith;
    for (const storage of this.#entered) storage.disable();
    await super.teardown();
  }
}
