import type { Patch } from "../patch";
import type { Mistake } from "./mistake";

const planted = (
  name: string,
  patch: Patch,
  ...[file, ...titles]: readonly [string, ...string[]]
): Mistake => ({ name, of: "product", patches: [patch], caughtBy: { file, titles } });

/** Wrong versions of what reads and writes lists, tables and config. */
export const TEXT_MISTAKES: readonly Mistake[] = [
  planted(
    "a row of a table that ends in nothing takes in the next one",
    {
      file: "contract/texts/csv.ts",
      search: '",": /(?:[ \\t]*"',
      replace: '",": /(?:\\s*"',
    },
    "test/infra/config/stores-file.test.ts",
    "a table of stores",
    "of rows that end in nothing and begin with quotes loses no store",
  ),
  planted(
    "of a column that stands there twice the last one counts",
    {
      file: "contract/texts/table.ts",
      search: "if (again === -1) return",
      replace: "if (again >= -1) return",
    },
    "test/infra/config/parse-list.test.ts",
    "a list of stores",
    "a table with a column twice",
  ),
  planted(
    "of a JSON key that stands there twice the last one counts",
    {
      file: "contract/texts/json-object.ts",
      search: "if (keysIn(text) !== keysIn(JSON.stringify(value)))",
      replace: "if (keysIn(text) < keysIn(JSON.stringify(value)))",
    },
    "test/infra/config/parse-list.test.ts",
    "a list of stores",
    "a line of JSON that says the same key twice is a problem",
  ),
  planted(
    "a move throws away the only copy of a static token",
    {
      file: "cli/commands/move.ts",
      search: "requireStored(await requireDeployed(step, LISTED), files.config.tokens());",
      replace: "requireStored(await requireDeployed(step, LISTED), new Set());",
    },
    "test/cli/move.test.ts",
    "a second step",
    "leaves the token in config, of which Shopify gives no other, while the secret's has none",
  ),
  planted(
    "a move takes a store out of config that the list has lost",
    {
      file: "cli/commands/move.ts",
      search: '      requireNamed(keys, new Set(files.list.keys()), "the list");\n',
      replace: "",
    },
    "test/cli/move.test.ts",
    "a second step",
    "takes no store out of config that the list names no more",
  ),
  planted(
    "two tokens for one store are both stored",
    { file: "cli/fleet/put-list.ts", search: ", ...repeatsIn(queue)]", replace: "]" },
    "test/cli/put-list.test.ts",
    "a list of tokens",
    "two tokens for one store, under its key and the one before or its shop, are refused with their lines",
  ),
  planted(
    "a run takes off the tags that a governance tool puts back",
    {
      file: "contract/listed/list-plan.ts",
      search: "dropped: OWN_TAGS.filter((key) => found.has(key) && !Object.hasOwn(wanted, key)),",
      replace:
        'dropped: [...OWN_TAGS, ...found.keys()].filter((key) => found.has(key) && !Object.hasOwn(wanted, key) && !key.startsWith("shopify-secrets:")),',
    },
    "test/contract/listed/list-plan.test.ts",
    "a list against what is there",
    "with tags that somebody else puts on it, or that left the stack's, has no work",
  ),
];
