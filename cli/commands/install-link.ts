import { ENVIRONMENT } from "../../contract/environment";
import { installBaseUrlOf, installLinkOf, isHostName } from "../../contract/install";
import { functionName } from "../../contract/names";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore, requireDeclaration } from "../fleet/fleet";
import { isInstallable, nextFor } from "../fleet/what-next";
import { writeResult } from "../print/json";
import { Refusal } from "../refusal";
import { requireUrl } from "../typed";

/** `install-link`: the link that a merchant opens to approve the app. */
export const installLink: Command = {
  name: "install-link",
  usage: "<store>",
  takes: "one store",
  summary: "print the link that the merchant opens to approve the app",
  options: {
    "base-url": {
      type: "string",
      value: "url",
      help: "the stack output installBaseUrl, if it is not found",
    },
  },
  judge: (typed) => requireUrl(typed, "base-url"),
  async run(call) {
    const { aws, prefix } = call;
    const seen = await readStore(aws.secrets, prefix, call.words);
    const { kind } = requireDeclaration(seen);
    if (!isInstallable(seen)) {
      throw new Refusal(`${seen.store} gets its tokens another way (${kind})`, nextFor(seen, call));
    }
    const link = installLinkOf(await baseUrlOf(call), seen.store);
    writeResult(call, { store: seen.store, link }, () => `${link}\n`);
    return EXIT.well;
  },
};

async function baseUrlOf(call: Call): Promise<string> {
  const given = call.text("base-url");
  if (given !== undefined) return given;
  const name = functionName(call.prefix, "install");
  const { functions } = call.aws;
  const domain = (await functions.describe(name))?.variables[ENVIRONMENT.installDomain];
  const host = domain ?? hostOf(await functions.policyOf(name));
  if (host !== undefined && isHostName(host)) return installBaseUrlOf(host);
  throw new Refusal(
    "the address of the install endpoint cannot be seen from here",
    'shopify-secrets install-link <store> --base-url "$(pulumi stack output installBaseUrl)"',
  );
}

/** API Gateway's own host name: the function's policy names the API that may run it. */
function hostOf(policy: string | undefined): string | undefined {
  const match = /arn:aws[\w-]*:execute-api:([\w-]+):\d{12}:([a-z0-9]+)\//.exec(policy ?? "");
  return match === null ? undefined : `${match[2]}.execute-api.${match[1]}.amazonaws.com`;
}
