import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const client = new SecretsManagerClient({});

/** Called by EventBridge when a store's token has changed: hands the current one to a service that keeps it as a setting. */
export async function handler(event) {
  if (event.detail.labelUpdated !== "AWSCURRENT") return "not a new token";
  // Whatever is current now, not the version of the event: events come twice, late and out of order.
  const [secretArn] = event.resources;
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const { shop, access_token } = JSON.parse(SecretString);
  const answer = await fetch(process.env.TARGET_URL, {
    method: "PUT",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${process.env.TARGET_KEY}`,
    },
    body: JSON.stringify({ shop, access_token }),
    redirect: "error", // it would carry the token along
    signal: AbortSignal.timeout(10_000),
  });
  // Lambda runs a failed call twice more, then hands it to the failure destination; the error names no token.
  if (!answer.ok) throw new Error(`the service answers HTTP ${answer.status}`);
  return "pushed";
}
