/**
 * Source of `call(operation, input)` for a function of a test: a request to Secrets Manager, signed by hand.
 * A deployed function brings its own SDK; these bring none, and see the very answer.
 */
export const SIGNED_CALL = `
const { createHash, createHmac } = require("node:crypto");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const hash = (text) => createHash("sha256").update(text).digest("hex");
async function call(operation, input) {
  const url = new URL(process.env.AWS_ENDPOINT_URL);
  const body = JSON.stringify(input);
  const date = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, "");
  const headers = {
    host: url.host,
    "x-amz-date": date,
    "x-amz-security-token": process.env.AWS_SESSION_TOKEN,
    "x-amz-target": "secretsmanager." + operation,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => name + ":" + headers[name]);
  const canonical = ["POST", "/", "", ...lines, "", names.join(";"), hash(body)].join("\\n");
  const scope = date.slice(0, 8) + "/us-east-1/secretsmanager/aws4_request";
  const key = scope.split("/").reduce(hmac, "AWS4" + process.env.AWS_SECRET_ACCESS_KEY);
  const text = ["AWS4-HMAC-SHA256", date, scope, hash(canonical)].join("\\n");
  headers.authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/" + scope
    + ", SignedHeaders=" + names.join(";") + ", Signature=" + hmac(key, text).toString("hex");
  const reply = await fetch(url, { method: "POST", headers, body });
  return { status: reply.status, answer: await reply.json() };
}
`;
