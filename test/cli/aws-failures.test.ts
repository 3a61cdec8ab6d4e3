import { refusalOfAws } from "../../cli/aws/aws-refusal";
import { createFunctionsPort } from "../../cli/aws/functions";
import { adviceOf, sentenceOf } from "../../contract/errors";

function failure(name: string, message = "", code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

test.each([
  [
    failure(
      "AccessDeniedException",
      "User: x is not authorized to perform: secretsmanager:ListSecrets on",
    ),
    "AWS refuses secretsmanager:ListSecrets while listing. Next: let an administrator attach the operator policy",
  ],
  [
    failure(
      "AccessDeniedException",
      "User: x is not authorized to perform: secretsmanager:UpdateSecretVersionStage on resource: y with an explicit deny in a resource-based policy",
    ),
    "the store names its readers, and you are none of them. Next: name your role under shopify-secrets:breakGlass in config",
  ],
  [failure("ExpiredTokenException"), "AWS does not accept the credentials while listing"],
  [failure("CredentialsProviderError"), "Next: sign in again"],
  [failure("Error", "Region is missing"), "no AWS region is set. Next: give --region"],
  [
    failure("Error", "", "ECONNREFUSED"),
    "AWS cannot be reached while listing (ECONNREFUSED). Next: ",
  ],
  [failure("ResourceNotFoundException"), "secret_not_found: the secret does not exist. Next: "],
  [
    failure("ThrottlingException", "Rate exceeded"),
    "AWS answers ThrottlingException while listing: Rate exceeded. Next: ",
  ],
  [
    failure("Error", "self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"),
    "the certificate that answers for AWS is not trusted while listing (SELF_SIGNED_CERT_IN_CHAIN). Next: name your network's own certificates in NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE",
  ],
  [
    failure("Error", "us_east_1 is no hostname component."),
    "listing failed: us_east_1 is no hostname component. Next: shopify-secrets doctor",
  ],
  [
    new SyntaxError("Unexpected token < in JSON"),
    "what answers while listing is not AWS. Next: check --endpoint-url, HTTPS_PROXY and NO_PROXY",
  ],
])("%p is told with the next command", (error, says) => {
  expect(refusalOfAws(error, "listing").line).toContain(says);
});

function portOf(send: () => Promise<object>) {
  const client = { send } as never;
  return createFunctionsPort({ ask: client, run: client });
}

describe("a function's failure", () => {
  const invoke = (reply: object) => portOf(async () => reply).invoke("f", {});
  const payload = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  test("is told in its own sentence when it is one of ours", async () => {
    const errorMessage = sentenceOf("token_required");
    const asked = invoke({ FunctionError: "Unhandled", Payload: payload({ errorMessage }) });
    await expect(asked).rejects.toMatchObject({ line: errorMessage });
  });

  test("has the code that the function gave as the error's type", async () => {
    const code = "token_required";
    const asked = invoke({
      FunctionError: "Unhandled",
      Payload: payload({
        errorType: code,
        errorMessage: "shpat_secret in some other words",
      }),
    });
    const { says: message, next } = adviceOf(code);
    await expect(asked).rejects.toMatchObject({ code, message, next });
  });

  test("is not repeated when it is not", async () => {
    const errorMessage = "Cannot read properties of shpat_secret";
    const asked = invoke({ FunctionError: "Unhandled", Payload: payload({ errorMessage }) });
    await expect(asked).rejects.toMatchObject({
      line: "the function f failed. Next: look into its log group, then shopify-secrets doctor",
    });
  });

  test("one that slept is waited for until it is awake, and nothing runs twice", async () => {
    let left = 3;
    const waits: number[] = [];
    const send = async () => {
      left -= 1;
      if (left > 0) throw failure("CodeArtifactUserPendingException");
      return { Payload: payload({ outcome: "written" }) };
    };
    const port = createFunctionsPort(
      { ask: { send }, run: { send } } as never,
      async (ms) => void waits.push(ms),
    );
    await expect(port.invoke("f", {})).resolves.toEqual({ outcome: "written" });
    expect(waits).toEqual([5_000, 5_000]);
    left = 1_000;
    await expect(port.invoke("f", {})).rejects.toMatchObject({
      line: "the function f slept, and does not wake up. Next: the same again in two minutes",
    });
  });

  test("a function that is missing is Pulumi's to make", async () => {
    const send = async () => {
      throw failure("ResourceNotFoundException");
    };
    const port = portOf(send);
    await expect(port.invoke("f", {})).rejects.toMatchObject({
      line: "the function f does not exist. Next: pulumi up --refresh --continue-on-error",
    });
    await expect(port.describe("f")).resolves.toBeUndefined();
  });
});
