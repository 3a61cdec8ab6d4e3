import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../cli/commands";
import { EXIT } from "../../cli/exit-codes";
import { alarmsOf } from "../../contract/alarms";
import { ENVIRONMENT } from "../../contract/environment";
import { ERROR_CODES } from "../../contract/errors";
import { INSTALL_ROUTES } from "../../contract/install";
import { KINDS } from "../../contract/kinds";
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../contract/metrics";
import { FUNCTION_ROLES, SECRET_TAGS } from "../../contract/names";
import { STATUS_TAGS, STORE_STATES, SWEPT_AT_TAG } from "../../contract/store/status";
import { READER_ERROR_CODES } from "../../reader";

const ROOT = join(__dirname, "../..");

/** Names by what they name: what stacks, dashboards, scripts, policies and applications hold on to. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** Every name of this checkout that somebody outside it may have written down. */
export function namesOfToday(): Names {
  const names: Record<string, readonly string[]> = {
    "config keys": configKeys(),
    kinds: KINDS,
    "store states": STORE_STATES,
    "error codes": ERROR_CODES,
    "reader's error codes": READER_ERROR_CODES,
    "log events": logEvents(),
    metrics: [
      METRIC_NAMESPACE,
      METRIC_DIMENSION,
      ...Object.values(METRICS).map(({ name }) => name),
    ],
    alarms: alarmsOf("p", FUNCTION_ROLES).map(({ key, name }) => `${key} ${name}`),
    tags: [...Object.values(STATUS_TAGS), SWEPT_AT_TAG, ...Object.values(SECRET_TAGS)],
    "environment variables": Object.values(ENVIRONMENT),
    "functions' roles": FUNCTION_ROLES,
    "install routes": Object.values(INSTALL_ROUTES),
    commands: COMMANDS.flatMap((verb) => [
      verb.name,
      ...Object.keys("options" in verb ? (verb.options ?? {}) : {}).map(
        (option) => `${verb.name} --${option}`,
      ),
    ]),
    "exit codes": Object.entries(EXIT).map(([name, code]) => `${name} ${code}`),
    "exports of the library": exportsOf("infra/library.ts"),
    "exports of the reader": exportsOf("reader/index.ts"),
    "exports of the session storage": exportsOf("reader/session-storage/index.ts"),
    "exports of the package": packageExports(),
  };
  return Object.fromEntries(
    Object.entries(names).map(([of, list]) => [of, [...new Set(list)].sort()]),
  );
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/** Every property of the schema, with the definition or the property that it belongs to. */
function configKeys(): string[] {
  const file = join(ROOT, "infra/config/stack-config.schema.json");
  const schema = JSON.parse(readFileSync(file, "utf8")) as Schema;
  const { config } = schema.properties ?? {};
  const definitions = Object.entries(schema.definitions ?? {});
  return [
    ...propertiesOf(config ?? {}, ""),
    ...definitions.flatMap(([name, definition]) => propertiesOf(definition, `${name}.`)),
  ];
}

function propertiesOf(schema: Schema, head: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    `${head}${name}`,
    ...propertiesOf(inner, `${head}${name}.`),
  ]);
  return [...own, ...(schema.anyOf ?? []).flatMap((choice) => propertiesOf(choice, head))];
}

/** What a log event is about. */
const AREAS = ["enrolment", "install", "rotation", "shopify", "status", "sweep", "webhook"];

/** Events are `area.what`, and stand in the sources as they are logged. */
function logEvents(): string[] {
  const event = new RegExp(`"((?:${AREAS.join("|")})\\.[a-z_]+)"`, "g");
  const sources = readdirSync(join(ROOT, "lambda"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(ROOT, "lambda", name), "utf8"));
  return sources.flatMap((source) => [...source.matchAll(event)].map(([, name = ""]) => name));
}

function exportsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  const lists = [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
    ([, type, list = ""]) =>
      list
        .split(",")
        .map((name) => name.replace(/\/\*.*?\*\//gs, "").trim())
        .filter((name) => name !== "")
        // `one as other` is known to others as the other.
        .map((name) => `${type ?? ""}${name.replace(/\w+ as /, "")}`),
  );
  const declared = [
    ...source.matchAll(/^export (?:async )?(class|const|function|interface|type) (\w+)/gm),
  ].map(([, sort = "", name]) => (/interface|type/.test(sort) ? `type ${name}` : `${name}`));
  return [...lists, ...declared];
}

function packageExports(): string[] {
  const { exports, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<
    "exports" | "bin",
    Readonly<Record<string, unknown>>
  >;
  return [...Object.keys(exports), ...Object.keys(bin).map((name) => `bin ${name}`)];
}
