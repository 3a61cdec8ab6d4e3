import { codedRefusal, Refusal } from "../refusal";

const NETWORK = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET)|TimeoutError|NetworkingError/;
const CREDENTIALS =
  /^(CredentialsProviderError|UnrecognizedClientException|InvalidClientTokenId|ExpiredToken\w*|TokenProviderError)$/;

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
      "check the network, --region and --endpoint-url, then shopify-secrets doctor",
    );
  }
  if (name === "ResourceNotFoundException") return codedRefusal("secret_not_found");
  return new Refusal(
    `AWS answers ${name || "an unknown error"} while ${doing}: ${message}`,
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
