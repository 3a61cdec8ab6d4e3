import { randomBytes } from "node:crypto";
import type { EnrolPayload, EnrolResult } from "../../contract/enrolment";
import { adviceRow, type ErrorCode } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import { functionName } from "../../contract/names";
import { pastedSays, readPasted } from "../../contract/pasted-secret";
import type { Sealed } from "../../contract/sealed";
import type { Call, Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore, requireDeclaration } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";
import { nextFor } from "../fleet/what-next";
import { writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { Refusal } from "../refusal";

/** `put`: a static token from standard input or a hidden prompt, never from the command line. */
export const put: Command = {
  name: "put",
  usage: "<store>",
  takes: "one store",
  summary: "store a static access token, read from standard input or a hidden prompt",
  async run(call) {
    const { host, aws, prefix } = call;
    const seen = await readStore(call, call.words);
    requireStatic(seen, call);
    const token = await readToken(call, seen);
    const result = await whileTelling(
      host,
      () => `trying the access token of ${seen.store}`,
      () => aws.functions.invoke(functionName(prefix, "enrol"), payloadOf(seen, token)),
    ).catch((error: unknown) => {
      throw refusalOfPut(error, seen);
    });
    printResult(call, seen, result as Partial<EnrolResult>);
    return EXIT.well;
  },
};

function requireStatic(seen: StoreSeen, call: Call): void {
  const declaration = requireDeclaration(seen);
  if (isStatic(declaration)) return;
  throw new Refusal(
    `the tokens of ${seen.store} are obtained for you (${declaration.kind}), none can be put`,
    nextFor(seen, call),
  );
}

/** What is no access token alone goes no further: to Shopify it would look like a dead one. */
async function readToken({ host }: Call, { store }: StoreSeen): Promise<Sealed<string>> {
  const given = await host.readSecret(`Access token of ${store}: `);
  const reading = readPasted(given.unseal(), "access token");
  if ("secret" in reading) return reading.secret;
  const { fault } = reading;
  throw new Refusal(
    fault === "empty"
      ? "no access token was given"
      : `the input is no access token alone: it ${pastedSays(fault, "access token")}`,
    `shopify-secrets put ${store}`,
  );
}

function refusalOfPut(error: unknown, { store }: StoreSeen): unknown {
  if (!(error instanceof Refusal) || !isOfGivenToken(error.code)) return error;
  const { message, exitCode, code } = error;
  return new Refusal(`${message}; what is stored stays`, `shopify-secrets put ${store}`, {
    exitCode,
    ...(code === undefined ? {} : { code }),
  });
}

function isOfGivenToken(code: ErrorCode | undefined): boolean {
  return code !== undefined && adviceRow(code).ofGivenToken;
}

/** The same event as Pulumi's; one of the places that open seals. */
function payloadOf(seen: StoreSeen, token: Sealed<string>): EnrolPayload {
  const { kind, shop, app } = requireDeclaration(seen);
  return {
    action: "enrol",
    store: seen.store,
    secret_arn: seen.secretArn as EnrolPayload["secret_arn"],
    kind,
    shop,
    app: app ?? "",
    app_secret_version: "",
    access_token: token.unseal(),
    token_source: "operator",
    salt: randomBytes(16).toString("base64url"),
  };
}

function printResult(call: Call, seen: StoreSeen, result: Partial<EnrolResult>): void {
  const { outcome, checked, scope, versionId } = result;
  const shown = { store: seen.store, outcome, checked, scope, version_id: versionId };
  const what = outcome === "written" ? "stored" : "already stored";
  const check = checked === "ok" ? "it works at Shopify" : `not tried to the end (${checked})`;
  const scopes = scope ? `, with ${scope.split(",").join(" ")}` : "";
  writeResult(call, shown, () => {
    return `${seen.store}: the access token is ${what}; ${check}${scopes}\n`;
  });
}
