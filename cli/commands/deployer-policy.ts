import { deployerPolicies } from "../../contract/deployer-policy";
import { type Place, partitionOf, partitionProblem } from "../../contract/policy";
import type { Speaker, Typed } from "../command";
import { EXIT } from "../exit-codes";
import { judgePrefix } from "../fleet/prefix";
import type { Host } from "../host";
import { PART_OPTION, writePolicies } from "../print/policies";
import { shownWord } from "../print/shown-word";
import { usageError } from "../refusal";

const EXAMPLE =
  "shopify-secrets deployer-policy --prefix shopify/prod --region eu-west-1 --account 123456789012";

/** `deployer-policy`: what whoever runs `pulumi up` may do, in policies that IAM takes. */
export const deployerPolicy: Speaker = {
  name: "deployer-policy",
  usage: "",
  summary: "print the policies of whoever runs pulumi up on a stack; asks AWS nothing",
  options: {
    account: { type: "string", value: "id", help: "the AWS account, 12 digits" },
    vpc: { type: "boolean", help: "the functions run in a VPC" },
    "state-bucket": {
      type: "string",
      value: "name",
      help: "the S3 bucket of Pulumi's state, if it is in one",
    },
    "state-key": {
      type: "string",
      value: "key",
      help: "the KMS key of Pulumi's secrets provider: its ARN, or alias/…",
    },
    boundary: {
      type: "string",
      value: "arn",
      help: "the policy that bounds the stack's roles (boundary-policy --name-only); without it whoever has these policies is an administrator of the account",
    },
    list: { type: "boolean", help: "stores come from a list (fleet)" },
    "access-log": { type: "boolean", help: "installAccessLog is on" },
    "work-queue": { type: "boolean", help: "the sweep sends its work over a queue (workQueue)" },
    "open-installs": {
      type: "boolean",
      help: "every merchant may install an app (installs: open)",
    },
    part: PART_OPTION,
  },
  async speak(typed, { env, out }) {
    if (typed.words.length > 0) throw usageError("deployer-policy takes no words", EXAMPLE);
    const [place, prefix] = [placeOf(typed, env, EXAMPLE), prefixOf(typed, env, EXAMPLE)];
    const policies = deployerPolicies({
      place,
      prefix,
      boundaryArn: checked(typed, "boundary", BOUNDARY),
      list: typed.flag("list"),
      accessLog: typed.flag("access-log"),
      workQueue: typed.flag("work-queue"),
      openInstalls: typed.flag("open-installs"),
      vpc: typed.flag("vpc"),
      stateBucket: checked(typed, "state-bucket", BUCKET),
      stateKey: checked(typed, "state-key", KEY),
    });
    writePolicies(typed, policies, out);
    return EXIT.well;
  },
};

const BOUNDARY = /^arn:[a-z0-9-]+:iam::\d{12}:policy\/[\w+=,.@/-]+$/;
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
const ACCOUNT = /^\d{12}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const KEY = /^(?:arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+|alias\/[A-Za-z0-9/_-]+)$/;

type Environment = Host["env"];

export function prefixOf(typed: Typed, env: Environment, example: string): string {
  const prefix = typed.text("prefix") ?? (env["SHOPIFY_SECRETS_PREFIX"] || undefined);
  if (prefix === undefined) throw usageError("--prefix is missing", example);
  judgePrefix(prefix);
  return prefix;
}

export function placeOf(typed: Typed, env: Environment, example: string): Place {
  const region = typed.text("region") ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "");
  if (!REGION.test(region)) throw usageError("--region is missing, or no region", example);
  const accountId = typed.text("account") ?? "";
  if (!ACCOUNT.test(accountId)) throw usageError("--account is missing, or not 12 digits", example);
  const partition = partitionOf(region);
  const problem = partitionProblem(partition);
  if (problem !== undefined) throw usageError(problem, example);
  return { partition, region, accountId };
}

function checked(typed: Typed, name: string, shape: RegExp): string | undefined {
  const text = typed.text(name);
  if (text === undefined || shape.test(text)) return text;
  throw usageError(
    `--${name} ${shownWord(text)} is none`,
    "shopify-secrets deployer-policy --help",
  );
}
