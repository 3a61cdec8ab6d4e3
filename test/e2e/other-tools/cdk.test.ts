import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SILENT_PROGRESS, thisMachine } from "../../../local/toolchain";
import { ensureEntry } from "../../../local/toolchain/cache";
import { blocksOf, PROJECT } from "../../docs/code-blocks";

const LOCKFILE = readFileSync(join(__dirname, "package-lock.json"));

/** AWS CDK, in the cache: it is large, and the product has no use for it. */
async function cdk(): Promise<string> {
  const name = `other-tools-${createHash("sha256").update(LOCKFILE).digest("hex").slice(0, 12)}`;
  const fill = async (folder: string) => {
    for (const file of ["package.json", "package-lock.json"]) {
      cpSync(join(__dirname, file), join(folder, file));
    }
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", args, { cwd: folder, stdio: "pipe" });
    return { files: ["node_modules/aws-cdk-lib/package.json"], facts: {} };
  };
  return (await ensureEntry(thisMachine(), { name, fill }, SILENT_PROGRESS)).folder;
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string;
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: { readonly PolicyDocument?: { readonly Statement: Statement[] } };
      }
    >
  >;
}

describe("the program in AWS CDK", () => {
  let folder: string;
  let template: Template;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cdk-"));
    symlinkSync(join(await cdk(), "node_modules"), join(folder, "node_modules"));
    const [block] = blocksOf("docs/other-tools.md").filter(({ mark }) => mark === "cdk");
    writeFileSync(join(folder, "app.ts"), block?.code ?? "");
    const program = join(PROJECT, "node_modules/.bin/tsx");
    const env = { ...process.env, CDK_OUTDIR: join(folder, "out") };
    execFileSync(program, ["app.ts"], { cwd: folder, env, stdio: "pipe" });
    template = JSON.parse(readFileSync(join(folder, "out/Sync.template.json"), "utf8"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("lets its role read one store, and decrypt it", () => {
    const policies = Object.values(template.Resources).flatMap(
      ({ Properties }) => Properties.PolicyDocument?.Statement ?? [],
    );
    const grants = policies.flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${Resource}`),
    );
    expect(grants).toEqual(
      expect.arrayContaining([
        "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:111122223333:secret:shopify/prod/stores/acme/token-??????",
        "kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      ]),
    );
  });

  test("puts no token into the template", () => {
    expect(JSON.stringify(template)).not.toContain("resolve:secretsmanager");
  });
});
