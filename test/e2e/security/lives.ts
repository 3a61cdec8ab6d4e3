import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { MINUTE_MS } from "../../../contract/time";
import { encodeActingPolicy } from "../../../infra/policies/operator";
import { type ApiDoor, openApiDoor } from "../../../local/aws/api-door";
import { clientConfigOf } from "../../../local/demo/root-client";
import { webhookHmac } from "../../../local/shopify/webhooks";
import { letListsArrive } from "../let-lists-arrive";
import { personWith } from "../operator/command";
import { CONFIG_SECRETS, DEV_FLEET, type MarkedFleet, mark } from "./marked-fleet";

const SHOP = "hourly.myshopify.com";
/** A merchant connects `hourly`, whose pair the sweep then renews; strangers try the same door. */
export async function liveThroughAnInstallation(fleet: MarkedFleet): Promise<void> {
  const door = await openDoor(fleet);
  try {
    await install(fleet, door);
    await knock(fleet, door);
  } finally {
    await door.close();
  }
  await fleet.world.driver.advance(40 * MINUTE_MS);
}

/** The install endpoint, as merchants and Shopify reach it. */
export async function openDoor({ world, stack }: MarkedFleet): Promise<ApiDoor> {
  const output = await stack.must(stack.engine.run(["stack", "output", "installBaseUrl"]));
  const [, apiId = ""] = /^https?:\/\/(\w+)\.execute-api\./.exec(output.trim()) ?? [];
  const door = await openApiDoor(world.front.url, apiId);
  const redirectUris = [`https://${door.host}/callback`];
  world.shopify.imitation.control.changeApp({ clientId: "client-b", redirectUris });
  return door;
}

/** What a browser does, without one: the link, Shopify's page, the way back; each answer too often and too late. */
async function install(fleet: MarkedFleet, { plainUrl }: ApiDoor): Promise<void> {
  const link = await fetch(`${plainUrl}/install/hourly`, { redirect: "manual" });
  const cookie = (link.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const url = link.headers.get("location") ?? "";
  const { location } = fleet.world.shopify.imitation.control.approve({ url });
  const query = location.slice(location.indexOf("?") + 1);
  for (const name of ["code", "state", "hmac"]) {
    fleet.enters(`${name} of the callback`, new URLSearchParams(query).get(name) ?? "");
  }
  fleet.enters("ticket", cookie.split(".").at(-1) ?? "");
  const tries: [string, string, string][] = [
    ["callback of a stranger", query, ""],
    ["callback with a broken signature", query.replace("hmac=", "hmac=0"), cookie],
    ["callback", query, cookie],
    ["callback once more", query, cookie],
  ];
  for (const [what, search, carried] of tries) {
    const headers = { cookie: carried };
    const reply = await fetch(`${plainUrl}/callback?${search}`, { headers });
    fleet.printed.set(what, `${reply.status} ${await reply.text()}`);
  }
}

/** Webhooks, with a customer in them: signed, and forged. */
async function knock(fleet: MarkedFleet, { plainUrl }: ApiDoor): Promise<void> {
  const body = JSON.stringify({
    myshopify_domain: SHOP,
    email: fleet.enters("webhook", mark("mail", "customer")),
  });
  for (const topic of ["app/uninstalled", "customers/redact", "nonsense"]) {
    for (const secret of [CONFIG_SECRETS.catalog, CONFIG_SECRETS.wrong]) {
      const reply = await fetch(`${plainUrl}/webhooks`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "x-shopify-topic": topic,
          "x-shopify-shop-domain": SHOP,
          "x-shopify-webhook-id": randomUUID(),
          "x-shopify-hmac-sha256": webhookHmac(body, secret),
        },
      });
      fleet.printed.set(`webhook ${topic} ${secret}`.slice(0, 40), await reply.text());
    }
  }
}

/** Events that no function is for, with secrets where a service would put them. */
export async function liveThroughOddEvents(fleet: MarkedFleet): Promise<void> {
  const lambda = new LambdaClient(clientConfigOf(fleet.world));
  const rotation = {
    SecretId: fleet.arnOf("acme"),
    ClientRequestToken: randomUUID(),
    RotationToken: fleet.enters("rotation token", mark("rotation", "token")),
  };
  const token = fleet.enters("token of an odd event", mark("shpat", "odd"));
  const events: [string, object][] = [
    ["rotate", { ...rotation, Step: "createSecret" }],
    ["rotate", { ...rotation, Step: token }],
    ["rotate", { ...rotation, Step: "createSecret", SecretId: fleet.made.appSecretArn }],
    ["enrol", { action: "enrol", store: "acme", access_token: token, salt: token }],
    ["sweep", { action: "sweep", store: token, [token]: token }],
    ["install", { version: "2.0", routeKey: "GET /callback", rawQueryString: `code=${token}` }],
    ["install", { version: token, cookies: [token], body: token }],
  ];
  for (const [index, [role, event]] of events.entries()) {
    const FunctionName = `shopify-dev-${role}`;
    const Payload = JSON.stringify(event);
    const { Payload: answer } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    fleet.printed.set(
      `answer of ${role} to odd event ${index}`,
      Buffer.from(answer ?? []).toString(),
    );
  }
  lambda.destroy();
}

/** The operator's command, as it works, as it is refused, and as it breaks. */
export async function liveThroughCommands(fleet: MarkedFleet): Promise<void> {
  const policies = [encodeActingPolicy(DEV_FLEET), fleet.stores["acme"]?.readerPolicy ?? ""];
  letListsArrive(fleet.world);
  const person = await personWith(fleet.world, "watched-operator", policies);
  const lost = await personWith(fleet.world, "lost-operator", [], {
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  });
  const pasted = fleet.enters("pasted token", mark("shpat", "pasted"));
  const typed: [string, typeof person][] = [
    ["status --json --prefix shopify/dev", person],
    ["check --prefix shopify/dev", person],
    ["put heritage --prefix shopify/dev", person],
    [`put heritage ${pasted}`, person],
    [`put heritage --token=${pasted}`, person],
    ["rotate acme --prefix shopify/dev", person],
    ["exec acme --prefix shopify/dev -- true", person],
    ["put heritage --prefix shopify/dev", lost],
    ["exec acme --prefix shopify/dev -- true", lost],
  ];
  for (const [index, [words, who]] of typed.entries()) {
    const { code, out, err } = await who(words, pasted);
    fleet.printed.set(`command ${index}, ${words.split(" ")[0]}`, `${code}\n${out}\n${err}`);
  }
}
