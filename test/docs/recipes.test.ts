import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser as goParser } from "@lezer/go";
import { transformSync } from "esbuild";
import { parse, parseAllDocuments } from "yaml";
import type { StoreKey } from "../../contract/brands";
import { storeSecretName } from "../../contract/names";
import { encodeRecord } from "../../contract/record";
import { recordOf, START } from "../reader/records";
import { blocksOf, documents, PROJECT } from "./code-blocks";

// The recipes for applications that read a secret without our reader. Their TypeScript is type-checked with all the
// other blocks of the docs; the rest is parsed or run here, and whatever key of the record a recipe names, the record has.

const PAGE = "docs/consuming.md";
const KEYS = Object.keys(JSON.parse(encodeRecord(recordOf("acme", START))) as object);
const code = (language: string) =>
  blocksOf(PAGE)
    .filter((block) => block.language === language)
    .map((block) => block.code);

/** What a pattern's only group finds in a text. */
const found = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, group = ""]) => group);

test("the page has the Python example as it stands, which test/reader/contract.test.ts plays", () => {
  const example = readFileSync(join(PROJECT, "examples/python-reader/shopify_tokens.py"), "utf8");
  expect(code("python")).toEqual([example.trimEnd()]);
});

describe("Go", () => {
  const go = () => documents().flatMap((file) => blocksOf(file).filter(isGo));
  const isGo = ({ language }: { language: string }) => language === "go";

  function mistakesIn(text: string): number[] {
    const lines: number[] = [];
    goParser.parse(text).iterate({
      enter: ({ type, from }) => {
        if (type.isError) lines.push(text.slice(0, from).split("\n").length);
      },
    });
    return lines;
  }

  test("every block parses", () => {
    expect(go().map(({ code: text }) => mistakesIn(text))).toEqual(go().map(() => []));
    expect(go().length).toBeGreaterThan(0);
  });

  test("a mistake would be seen", () => {
    expect(mistakesIn("package a\n\nfunc f( {\n}\n")).not.toEqual([]);
  });

  test("every import is used, or Go would not compile it", () => {
    for (const { code: text } of go()) {
      const imported = found(text, /^\t"(?:.*\/)?([\w-]+)"$/gm);
      expect(imported.length).toBeGreaterThan(0);
      expect(imported.filter((name) => !new RegExp(`\\b${name}\\.[A-Z]`).test(text))).toEqual([]);
    }
  });
});

describe("YAML and JSON", () => {
  test("every block parses", () => {
    for (const text of code("json")) expect(() => JSON.parse(text)).not.toThrow();
    for (const text of code("yaml")) {
      expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([]);
    }
    expect(code("yaml").length).toBeGreaterThan(1);
  });

  test("the volumes of a pod are the ones that the recipe fills", () => {
    for (const text of code("yaml").filter((one) => one.includes("kind: Pod"))) {
      const [source, pod] = parseAllDocuments(text).map((one) => one.toJS() as KubernetesObject);
      const [volume] = pod?.spec.volumes ?? [];
      const filled =
        volume?.secret?.secretName ?? volume?.csi?.volumeAttributes.secretProviderClass;
      expect([source?.spec.target?.name ?? source?.metadata.name]).toEqual([filled]);
      expect(pod?.spec.containers?.[0]?.volumeMounts[0]?.name).toBe(volume?.name);
    }
  });
});

interface KubernetesObject {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly target?: { readonly name: string };
    readonly volumes?: readonly {
      readonly name: string;
      readonly secret?: { readonly secretName: string };
      readonly csi?: { readonly volumeAttributes: { readonly secretProviderClass: string } };
    }[];
    readonly containers?: readonly {
      readonly volumeMounts: readonly { readonly name: string }[];
    }[];
    readonly parameters?: { readonly objects: string };
  };
}

test("the Lambda extension's recipe asks on the way that the extension offers", async () => {
  const block = code("ts").find((text) => text.includes("localhost:2773")) ?? "";
  const { code: script } = transformSync(block, { loader: "ts", format: "cjs" });
  const asked: unknown[] = [];
  const SecretString = encodeRecord(recordOf("acme", START));
  const answers = [Response.json({ SecretString }), new Response("not found", { status: 404 })];
  const fetch = async (...request: unknown[]) => {
    asked.push(request);
    return answers.shift();
  };
  const module = { exports: {} as { accessTokenOf(store: string): Promise<string> } };
  const run = new Function("module", "process", "fetch", script);
  run(module, { env: { AWS_SESSION_TOKEN: "session" } }, fetch);
  expect(await module.exports.accessTokenOf("acme")).toBe(`shpat_acme_${START}`);
  expect(asked).toEqual([
    [
      "http://localhost:2773/secretsmanager/get?secretId=shopify%2Fprod%2Fstores%2Facme%2Ftoken",
      { headers: { "X-Aws-Parameters-Secrets-Token": "session" } },
    ],
  ]);
  await expect(module.exports.accessTokenOf("acme")).rejects.toThrow("HTTP 404");
});

test("Pulumi ESC's environment gives the token out of the record, as the pages of its functions describe them", () => {
  const [environment = ""] = code("yaml").filter((one) => one.includes("fn::open::aws-secrets"));
  const values = (parse(environment) as { values: Record<string, unknown> }).values;
  const asked: string[] = [];
  const call: Readonly<Record<string, (given: never) => unknown>> = {
    "fn::open::aws-login": () => ({ accessKeyId: "ASIA" }),
    "fn::open::aws-secrets": ({ get }: { get: Record<string, { secretId: string }> }) =>
      Object.fromEntries(
        Object.entries(get).map(([name, { secretId }]) => {
          asked.push(secretId);
          return [name, encodeRecord(recordOf("acme", START))];
        }),
      ),
    "fn::fromJSON": (text: string) => JSON.parse(text),
  };
  // Nothing is opened before somebody asks for it.
  const at = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, key) => {
      const inside = (value as Record<string, unknown>)[key];
      return isCall(inside) ? evaluated(inside) : inside;
    }, values);
  const isCall = (value: unknown): boolean =>
    typeof value === "object" && value !== null && /^fn::/.test(Object.keys(value)[0] ?? "");
  function evaluated(value: unknown): unknown {
    if (typeof value === "string") {
      const [, path] = /^\$\{([\w.]+)\}$/.exec(value) ?? [];
      return path === undefined ? value : at(path);
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [key, evaluated(one)] as const);
    const [name = "", given] = entries[0] ?? [];
    return name.startsWith("fn::") ? call[name]?.(given as never) : Object.fromEntries(entries);
  }
  expect(evaluated(values["environmentVariables"])).toEqual({
    SHOPIFY_ACCESS_TOKEN: `shpat_acme_${START}`,
    SHOPIFY_GRAPHQL_URL: expect.stringMatching(/^https:\/\/acme\.myshopify\.com\/admin\/api\//),
  });
  expect(new Set(asked)).toEqual(new Set([storeSecretName("shopify/prod", "acme" as StoreKey)]));
});

describe("what a recipe takes out of the record", () => {
  const [eso = "", csi = ""] = code("yaml");
  const [ecs = ""] = code("json").filter((text) => text.includes("valueFrom"));
  const provider = parseAllDocuments(csi)[0]?.toJS() as KubernetesObject | undefined;
  const objects = parse(provider?.spec.parameters?.objects ?? "[]") as {
    jmesPath: { path: string }[];
  }[];

  test.each([
    ["ECS", found(ecs, /-\w{6}:(\w+)::"/g), ["access_token"]],
    ["External Secrets", found(eso, /property: (\w+)/g), ["access_token", "graphql_url"]],
    [
      "the CSI driver",
      objects.flatMap(({ jmesPath }) => jmesPath.map(({ path }) => path)),
      ["access_token", "graphql_url"],
    ],
    [
      "Python",
      found(code("python")[0] ?? "", /record\["(\w+)"\]/g),
      ["access_token", "expires_at_epoch"],
    ],
    [
      "Go",
      found(code("go")[0] ?? "", /json:"(\w+)"/g),
      ["access_token", "graphql_url", "expires_at"],
    ],
    [
      "the agent",
      found(code("text").join("\n"), /fromjson \| \.(\w+)/g),
      ["access_token", "access_token"],
    ],
  ])("%s", (_consumer, taken, expected) => {
    expect(taken).toEqual(expected);
    expect(taken.filter((key) => !KEYS.includes(key))).toEqual([]);
  });
});

describe("the verdict", () => {
  const page = readFileSync(join(PROJECT, PAGE), "utf8");
  const sectionOf = (heading: string) => page.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? "";

  /** The first word behind the question, in the section and in the table at the top. */
  test.each([
    ["Plain SDK", "plain SDK with a map of your own", "yes"],
    ["ECS", "an environment variable of any kind", "no"],
    ["EKS: External Secrets Operator", "[External Secrets Operator]", "yes"],
    ["EKS: Secrets Store CSI driver", "[Secrets Store CSI driver]", "yes"],
    ["Lambda extension", "[Lambda extension]", "mostly"],
    ["secretsmanager-agent", "[secretsmanager-agent]", "yes"],
  ])("of %s is plain, and the same in the table", (heading, row, verdict) => {
    const said = /\*\*Safe for rotating tokens\?\*\* (\w+)/.exec(sectionOf(heading))?.[1];
    const line = page.split("\n").find((text) => text.startsWith(`| ${row}`)) ?? "";
    expect([said?.toLowerCase(), /\| \*\*(\w+)/.exec(line)?.[1]]).toEqual([verdict, verdict]);
  });
});
