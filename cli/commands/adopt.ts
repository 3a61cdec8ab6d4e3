import { stringify } from "yaml";
import { importKeyOf } from "../../contract/imports";
import { originOf } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { declaredIn } from "../adopt/declared";
import { type FoundImports, findImports } from "../adopt/find-imports";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { atOnce } from "../fleet/at-once";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { Refusal } from "../refusal";

/** `adopt`: what config needs so that Pulumi takes over what is there and its state does not know. */
export const adopt: Command = {
  name: "adopt",
  usage: "",
  takes: "nothing",
  summary: "print the config that takes a stack over whose state was lost, or whose up was cut off",
  options: {
    "imports-only": {
      type: "boolean",
      help: "leave the stores and apps out: the stack's file still has them",
    },
  },
  async run(call) {
    const { aws, prefix, host } = call;
    const region = regionOf(call);
    const found = await whileTelling(
      host,
      () => `looking what is there of ${prefix}`,
      async () => {
        const secrets = await secretsOf(call);
        const ports = { functions: aws.functions, stack: await aws.stack() };
        return { secrets, ...(await findImports({ aws: ports, prefix, region, secrets })) };
      },
    );
    if (Object.keys(found.imports).length === 0) {
      throw new Refusal(
        `nothing is there of a stack under ${prefix} in ${region}`,
        "check --prefix, --region and AWS_PROFILE",
      );
    }
    const config = configOf(call, found);
    const { out } = host;
    out.write(
      call.json
        ? jsonText({ config, orphans: found.orphans })
        : `${stringify({ config }, { lineWidth: 0 })}${remarksOn(call, found)}`,
    );
    return EXIT.well;
  },
};

function regionOf({ text, host: { env } }: Call): string {
  const region = text("region") ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region) return region;
  throw new Refusal("no AWS region is set", "give --region, or set AWS_REGION");
}

/** Every secret of config under the prefix as it is now, deleted ones too: stores that came by themselves, or from a list, no program declares. */
async function secretsOf({ aws, prefix }: Call): Promise<ListedSecret[]> {
  const listed = await aws.secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true });
  const found = await atOnce(listed, ({ secretArn }) => aws.secrets.find(secretArn));
  return found.flatMap((secret) =>
    secret === undefined || originOf(secret.facts) !== undefined ? [] : [secret],
  );
}

/** A stack that has the queue wants it: without the setting, its next `up` takes it away. */
const QUEUE_IMPORT = importKeyOf("WorkQueue", "work-queue");

/** Whether the machinery of a list is there: without the setting, the next `up` would take it away. */
function hasList(imports: Readonly<Record<string, string>>): boolean {
  return Object.keys(imports).some((key) => key.startsWith("ListMachine/"));
}

/** The file of the list stands nowhere in AWS. */
const LIST = { list: "stores.jsonl" };

function configOf(
  { prefix, flag }: Call,
  { imports, secrets }: FoundImports & { readonly secrets: readonly ListedSecret[] },
): Readonly<Record<string, unknown>> {
  const declared = flag("imports-only")
    ? {}
    : Object.entries(declaredIn(secrets, prefix)).map(([key, value]) => [
        `shopify-secrets:${key}`,
        value,
      ]);
  return {
    "shopify-secrets:prefix": prefix,
    ...(QUEUE_IMPORT in imports ? { "shopify-secrets:workQueue": true } : {}),
    ...(hasList(imports) && !flag("imports-only") ? { "shopify-secrets:fleet": LIST } : {}),
    ...(Array.isArray(declared) ? Object.fromEntries(declared) : {}),
    "shopify-secrets:imports": imports,
  };
}

const LIST_REMARK = ["the file of the list by its own name, with its settings,"];

function remarksOn({ flag }: Call, { imports, orphans }: FoundImports): string {
  const apps = Object.keys(imports).flatMap(
    (key) => /^AppSecret\/(.+)-version$/.exec(key)?.[1] ?? [],
  );
  const lines = [
    "This goes into Pulumi.<stack>.yaml. A new secret may not be listed for five minutes: then once more.",
    ...(flag("imports-only")
      ? []
      : [
          "Settings that no secret tells (readers, rotationHours, protect, tags, vpc, alarms, installs …) stand there as they were,",
          ...(hasList(imports) ? LIST_REMARK : []),
          "else the preview shows what changes. The client secrets of before, so that no token is made anew:",
          ...apps.map(
            (app) => `  pulumi config set --secret --path 'shopify-secrets:clientSecrets.${app}'`,
          ),
        ]),
    "Then:",
    "  pulumi preview",
    "  pulumi up --continue-on-error",
    "  pulumi config rm shopify-secrets:imports",
    ...(orphans.length === 0 ? [] : ["What is left over of an up that was cut off:"]),
    ...orphans.map((command) => `  ${command}`),
  ];
  return lines.map((line) => `# ${line}\n`).join("");
}
