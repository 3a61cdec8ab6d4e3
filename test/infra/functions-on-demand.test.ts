import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildFunctionsIfOld, withoutSecrets } from "../../infra/functions-on-demand";
import { isStale } from "../../infra/is-stale";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "checkout-"));
});

afterEach(() => rmSync(project, { recursive: true }));

/** A file that was last written so many seconds after 1970. */
function put(file: string, writtenSeconds: number): void {
  const path = join(project, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  utimesSync(path, writtenSeconds, writtenSeconds);
}

describe("what is built", () => {
  test.each([
    { when: "before a source was written", built: 100, written: 200, old: true },
    { when: "after all sources", built: 200, written: 100, old: false },
    { when: "in the very moment", built: 100, written: 100, old: false },
  ])("$when", ({ built, written, old }) => {
    put("dist/lambda/rotate/index.mjs", built);
    put("dist/lambda/sweep/index.mjs", 1_000);
    put("lambda/rotate/handler.ts", written);
    put("contract/errors.ts", 1);
    expect(isStale(project, "dist/lambda", ["contract", "lambda", "not-there"])).toBe(old);
  });

  test("is old when nothing is there", () => {
    put("lambda/rotate/handler.ts", 1);
    expect(isStale(project, "dist/lambda", ["lambda"])).toBe(true);
  });

  test("is as old as the lockfile that it was built by", () => {
    put("dist/lambda/rotate/index.mjs", 100);
    put("package-lock.json", 200);
    expect(isStale(project, "dist/lambda", ["package-lock.json"])).toBe(true);
  });
});

describe("the functions of a checkout", () => {
  test("are left alone while they are new, and where there are no sources", () => {
    expect(() => buildFunctionsIfOld(project)).not.toThrow();
    put("lambda/rotate/handler.ts", 100);
    put("dist/lambda/rotate/index.mjs", 200);
    expect(() => buildFunctionsIfOld(project)).not.toThrow();
  });

  test("that are old and cannot be built stop the program, with what to do", () => {
    put("lambda/rotate/handler.ts", 200);
    put("dist/lambda/rotate/index.mjs", 100);
    expect(() => buildFunctionsIfOld(project)).toThrow(/npm ci && npm run build/);
  });
});

test("tools that build see neither the stack's secrets, nor what opens its state, nor who deploys it", () => {
  const kept = { PATH: "/usr/bin", HOME: "/home/a", NODE_OPTIONS: "--max-old-space-size=512" };
  const secrets = {
    PULUMI_CONFIG: '{"shopify-secrets:clientSecrets":"{}"}',
    PULUMI_CONFIG_SECRET_KEYS: "[]",
    PULUMI_CONFIG_PASSPHRASE: "open",
    AWS_SECRET_ACCESS_KEY: "key",
    AWS_SESSION_TOKEN: "token",
  };
  expect(withoutSecrets({ ...kept, ...secrets })).toEqual(kept);
});

test("and the build gets no other environment", () => {
  const source = readFileSync(join(__dirname, "../../infra/functions-on-demand.ts"), "utf8");
  expect([...source.matchAll(/spawnSync\(/g)]).toHaveLength(1);
  expect(source).toMatch(/const env = withoutSecrets\(process\.env\);\n.*spawnSync\([^;]*\benv\b/);
});
