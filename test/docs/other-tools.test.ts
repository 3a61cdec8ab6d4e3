import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeReaderPolicy } from "../../contract/reader-policy";
import { blocksOf, PROJECT } from "./code-blocks";

const PAGE = "docs/other-tools.md";
const blocks = blocksOf(PAGE);
const blockOf = (language: string, mark = "") =>
  blocks.find((block) => block.language === language && block.mark === mark)?.code ?? "";

const PLACE = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const SECRET =
  "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shopify/prod/stores/acme/token-AbCdEf";

/** The actions that `reader-policy` grants. */
function granted(): string[] {
  const policy = JSON.parse(
    encodeReaderPolicy({ place: PLACE, secretArn: SECRET as never, kmsKeyArn: KEY }),
  ) as { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
  return policy.Statement.flatMap(({ Action }) => Action);
}

test("SST's function gets of what the reader's policy grants what one store takes, and the key", () => {
  const code = blockOf("ts", "sst");
  const lists = [...code.matchAll(/actions: \[([^\]]+)\]/g)].map(([, list = ""]) => list);
  const actions = lists.flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, one]) => one));
  expect(actions).toEqual(["secretsmanager:GetSecretValue", "kms:Decrypt"]);
  expect(granted()).toEqual(expect.arrayContaining(actions));
  expect(code).toContain(`"${SECRET.replace("AbCdEf", "??????")}"`);
  expect(code).toContain(`"${KEY}"`);
});

describe("Terraform", () => {
  /** Where Pulumi's provider, which is made from Terraform's, has what a block is called. */
  const MADE_FROM: Readonly<Record<string, readonly [string, string]>> = {
    aws_secretsmanager_secret: ["secretsmanager/getSecret.d.ts", "GetSecretArgs"],
    aws_iam_role_policy: ["iam/rolePolicy.d.ts", "RolePolicyArgs"],
  };

  const code = blockOf("hcl");
  const declared = [...code.matchAll(/^(?:data|resource) "(\w+)" "\w+" \{\n(.*?)\n\}/gms)].map(
    ([, type = "", body = ""]) => ({
      type,
      attributes: [...body.matchAll(/^ {2}(\w+) +=/gm)].map(([, name = ""]) => name),
    }),
  );

  test("has a block of each kind", () => {
    expect(declared.map(({ type }) => type).sort()).toEqual(Object.keys(MADE_FROM).sort());
  });

  test.each(declared)("$type has the attributes of the block", ({ type, attributes }) => {
    const [file = "", args = ""] = MADE_FROM[type] ?? [];
    const types = readFileSync(join(PROJECT, "node_modules/@pulumi/aws", file), "utf8");
    const [, body = ""] = new RegExp(`interface ${args} \\{(.*?)\\n\\}`, "s").exec(types) ?? [];
    const known = [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name);
    expect(attributes.length).toBeGreaterThan(0);
    const camel = (name: string) =>
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(attributes.map(camel).filter((name) => !known.includes(name))).toEqual([]);
  });

  test("reads no value into its state", () => {
    expect(code).not.toContain("secret_version");
  });
});
