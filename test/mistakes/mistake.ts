import type { Patch } from "../patch";

/** A test, by its file and its titles from the outermost `describe` inwards. */
export interface NamedTest {
  readonly file: string;
  readonly titles: readonly string[];
}

/** A wrong version of the project, and the test that must notice it. */
export interface Mistake {
  readonly name: string;
  /** Whether the product is wrong, or the world that it is tested in. */
  readonly of: "product" | "world";
  readonly patches: readonly Patch[];
  readonly caughtBy: NamedTest;
  /** `emulator`: the test starts the emulator, which takes some seconds and has to be installed. Default: nothing. */
  readonly needs?: "emulator";
}
