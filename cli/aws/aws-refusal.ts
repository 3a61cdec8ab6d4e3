import { codedRefusal, Refusal } from "../refusal";

const NETWORK = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET)|TimeoutError|NetworkingError/;
/** OpenSSL's reasons why a certificate is not trusted, as Node names them. */
const UNTRUSTED =
  /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_)/;
const CREDENTIALS =
  /^(CredentialsProviderError|UnrecognizedClientException|InvalidClientTokenId|ExpiredToken\w*|TokenProviderError)$/;

/** Does something with AWS; its failure becomes what a person can act on. */
export async function during<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOfAws(error, doing);
  }
}

/** Asks AWS for something that may not be there: undefined then. `missing` is what its service calls that. */
export async function unlessMissing<T>(
  doing: string,
  look: () => Promise<T>,
  missing = /^ResourceNotFoundException$/,
): Promise<T | undefined> {
  return await during(doing, async () => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof Error && missing.test(error.name)) return undefined;
      throw error;
    }
  });
}

/** What each service calls a thing that is not there. */
export const MISSING =
  /^(?:ResourceNotFoundException|NoSuch\w+|NotFound(?:Exception)?|QueueDoesNotExist|StateMachineDoesNotExist)$/;

/** Whether AWS has it. */
export async function isThere(doing: string, look: () => Promise<unknown>): Promise<boolean> {
  return (await unlessMissing(doing, async () => (await look()) ?? {}, MISSING)) !== undefined;
}

/** Turns a failure of the SDK into what a person can act on. */
export function refusalOfAws(error: unknown, doing: string): Refusal {
  if (error instanceof Refusal) return error;
  const { name, code, message } = namesOf(error);
  if (/^AccessDenied/.test(name)) return refusalOfDenial(message, doing);
  if (CREDENTIALS.test(name)) {
    return new Refusal(
      `AWS does not accept the credentials while ${doing} (${name})`,
      "sign in again (aws sso login), or set AWS_PROFILE",
    );
  }
  if (/region is missing/i.test(message)) {
    return new Refusal("no AWS region is set", "give --region, or set AWS_REGION");
  }
  if (NETWORK.test(code) || NETWORK.test(name)) {
    return new Refusal(
      `AWS cannot be reached while ${doing} (${code || name})`,
      "check the network, --region, --endpoint-url and HTTPS_PROXY, then shopify-secrets doctor",
    );
  }
  if (UNTRUSTED.test(code)) {
    return new Refusal(
      `the certificate that answers for AWS is not trusted while ${doing} (${code})`,
      "name your network's own certificates in NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE",
    );
  }
  if (error instanceof SyntaxError) {
    return new Refusal(
      `what answers while ${doing} is not AWS`,
      "check --endpoint-url, HTTPS_PROXY and NO_PROXY, then shopify-secrets doctor",
    );
  }
  if (name === "ResourceNotFoundException") return codedRefusal("secret_not_found");
  const says = message.replace(/\.{1,3}$/, "");
  // AWS's answers have names; without one nothing was sent, or nothing came back.
  const isAnswer = name !== "" && name !== "Error";
  return new Refusal(
    isAnswer ? `AWS answers ${name} while ${doing}: ${says}` : `${doing} failed: ${says}`,
    "shopify-secrets doctor",
  );
}

function refusalOfDenial(message: string, doing: string): Refusal {
  const action = /perform: ([\w:]+)/.exec(message)?.[1];
  if (/explicit deny in a resource-based policy/.test(message)) {
    return new Refusal(
      `AWS refuses ${action ?? "this"} while ${doing}: the store names its readers, and you are none of them`,
      "name your role under shopify-secrets:breakGlass in config, then pulumi up --continue-on-error",
    );
  }
  return new Refusal(
    `AWS refuses ${action ?? "this"} while ${doing}`,
    "let an administrator attach the operator policy of docs/operators.md, then shopify-secrets doctor",
  );
}

function namesOf(error: unknown): { name: string; code: string; message: string } {
  if (!(error instanceof Error)) return { name: "", code: "", message: "" };
  const { code } = error as { code?: unknown };
  return { name: error.name, code: typeof code === "string" ? code : "", message: error.message };
}
