import { boundaryArnOf, boundaryPolicy as policyOf } from "../../contract/boundary-policy";
import { isTopicArn } from "../../contract/policy";
import type { Speaker } from "../command";
import { EXIT } from "../exit-codes";
import { shownWord } from "../print/shown-word";
import { usageError } from "../refusal";
import { placeOf, prefixOf } from "./deployer-policy";

const EXAMPLE =
  "shopify-secrets boundary-policy --prefix shopify/prod --region eu-west-1 --account 123456789012";

/** `boundary-policy`: the most that a stack's roles may ever do, for an administrator to make once. */
export const boundaryPolicy: Speaker = {
  name: "boundary-policy",
  usage: "",
  summary: "print the policy that bounds a stack's roles, for an administrator to make once",
  options: {
    account: { type: "string", value: "id", help: "the AWS account, 12 digits" },
    vpc: { type: "boolean", help: "the functions run in a VPC" },
    topic: { type: "string", value: "arn", help: "your own topic for notices (alarms.topicArn)" },
    "signing-keys": { type: "boolean", help: "an app of the stack signs (credential)" },
    "work-queue": { type: "boolean", help: "the sweep sends its work over a queue (workQueue)" },
    "open-installs": {
      type: "boolean",
      help: "every merchant may install an app (installs: open)",
    },
    list: { type: "boolean", help: "stores come from a list (fleet)" },
    "name-only": { type: "boolean", help: "print the ARN for shopify-secrets:permissionsBoundary" },
  },
  async speak(typed, { env, out }) {
    if (typed.words.length > 0) throw usageError("boundary-policy takes no words", EXAMPLE);
    const [place, prefix] = [placeOf(typed, env, EXAMPLE), prefixOf(typed, env, EXAMPLE)];
    if (typed.flag("name-only")) {
      const arn = boundaryArnOf({ place, prefix });
      out.write(`${typed.json ? JSON.stringify({ arn }) : arn}\n`);
      return EXIT.well;
    }
    const topicArn = typed.text("topic");
    if (topicArn !== undefined && !isTopicArn(topicArn)) {
      throw usageError(`--topic ${shownWord(topicArn)} is none`, EXAMPLE);
    }
    const bounds = {
      vpc: typed.flag("vpc"),
      signingKeys: typed.flag("signing-keys"),
      workQueue: typed.flag("work-queue"),
      openInstalls: typed.flag("open-installs"),
      list: typed.flag("list"),
    };
    const policy = JSON.parse(policyOf({ place, prefix, topicArn, ...bounds }));
    out.write(`${typed.json ? JSON.stringify(policy) : JSON.stringify(policy, null, 2)}\n`);
    return EXIT.well;
  },
};
