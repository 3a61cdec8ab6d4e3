import type { Declaration } from "../../contract/declaration";
import { DISTRIBUTION_FACTS } from "../../contract/distribution";
import { ENVIRONMENT } from "../../contract/environment";
import { installBaseUrlOf, installLinkOf, isHostName } from "../../contract/install";
import { functionName } from "../../contract/names";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore, requireDeclaration } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { isInstallable, ownWay } from "../fleet/what-next";
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
    const seen = await readStore(call, call.words);
    const declaration = requireDeclaration(seen);
    const { kind } = declaration;
    if (!isInstallable(seen)) {
      throw new Refusal(`${seen.store} gets its tokens another way (${kind})`, ownWay(seen, call));
    }
    const link = installLinkOf(await baseUrlOf(call), seen.store);
    const notes = notesOn(seen, declaration);
    const distribution = declaration.distribution ?? null;
    const firstInstall =
      distribution === null ? null : DISTRIBUTION_FACTS[distribution].firstInstall;
    const result = { store: seen.store, link, distribution, first_install: firstInstall, notes };
    writeResult(call, result, () => `${link}\n`);
    // Beside the link, which is piped on as it is.
    if (!call.json) for (const note of notes) call.host.err.write(`${note}\n`);
    return EXIT.well;
  },
};

/** What has to be known of the link before it is sent, by how the app is distributed. */
function notesOn({ current }: StoreSeen, { app, distribution }: Declaration): string[] {
  const facts = distribution && DISTRIBUTION_FACTS[distribution];
  const isFirst = current === undefined;
  const notes: string[] = [];
  if (facts?.firstInstall === "shopifys-link" && isFirst) {
    notes.push(
      `First send Shopify's own link: app ${app} is a custom app, which comes to a store by nothing else. It is made in the Dev Dashboard, the app, Distribution, for one store, and ends after some days; this link asks a store that has the app to approve again.`,
    );
  }
  if (facts?.firstInstall !== "install-link") {
    notes.push(
      `If Shopify says "This app can't be installed using this link" (invalid_link), the store does not have app ${app} yet: send Shopify's own link, from the Dev Dashboard, the app, Distribution.`,
    );
  }
  if (facts?.allowlist !== "not-asked" && isFirst) {
    notes.push(
      `Before a first install app ${app} needs an IP allowlist${facts === undefined ? ", unless it is of the store's own organization" : ""}: pulumi stack output allowlist --json`,
    );
  }
  return notes;
}

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
