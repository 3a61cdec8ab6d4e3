import { randomUUID } from "node:crypto";
import { HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { encodeActingPolicy } from "../../../infra/policies/operator";
import { readRecord } from "../../../local/demo/records";
import { webhookHmac } from "../../../local/shopify/webhooks";
import { letListsArrive } from "../let-lists-arrive";
import { personWith } from "../operator/command";
import { openDoor } from "./lives";
import { CONFIG_SECRETS, DEV_FLEET, type MarkedFleet } from "./marked-fleet";

const CLIENT_ID = "client-a";

/** How the drill of a leaked client secret ended. */
export interface DrillEnd {
  /** Of the `up` that brought the new client secret. */
  readonly exitCode: number;
  /** What the command says of the app's stores, once the new client secret is there. */
  readonly said: string;
  /** Whether the store's token worked at every step. */
  readonly worked: readonly boolean[];
  readonly isOldTokenDead: boolean;
  /** What the thief's request for a token answers, before and after the revocation. */
  readonly thief: readonly number[];
  /** What the endpoint answers to a webhook that the thief signs: while config names the old client secret, and afterwards. */
  readonly forged: readonly number[];
  /** What it answers to one that is signed with the new client secret, in the end. */
  readonly signed: number;
}

/** The client secret of `acme`'s app has leaked: a new one, deployed, then the old one revoked. */
export async function drillLeakedClientSecret(fleet: MarkedFleet): Promise<DrillEnd> {
  const { control } = fleet.world.shopify.imitation;
  const leaked = CONFIG_SECRETS.fulfilment;
  const oldToken = await tokenOf(fleet);
  const worked: boolean[] = [];
  const look = async () => void worked.push(isAlive(fleet, await tokenOf(fleet)));
  await look();
  const before = await mintAsThief(fleet, leaked);
  control.addClientSecret({ clientId: CLIENT_ID, clientSecret: CONFIG_SECRETS.next });
  fleet.declare(CONFIG_SECRETS.next, leaked);
  const exitCode = await fleet.keep("up with the new client secret", fleet.stack.up());
  const said = await finishChange(fleet);
  await look();
  control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: leaked });
  await look();
  const after = await mintAsThief(fleet, leaked);
  const isOldTokenDead = !isAlive(fleet, oldToken);
  const forged = [await deliver(fleet, leaked)];
  await fleet.world.driver.advance(HOUR_MS);
  fleet.declare(CONFIG_SECRETS.next);
  const ended = await fleet.keep("up without the old client secret", fleet.stack.up());
  // A warm function keeps what it read of an app for a minute.
  await fleet.world.driver.advance(2 * MINUTE_MS);
  forged.push(await deliver(fleet, leaked));
  const signed = await deliver(fleet, CONFIG_SECRETS.next);
  await look();
  const thief = [before, after];
  return { exitCode: exitCode || ended, said, worked, isOldTokenDead, thief, forged, signed };
}

/** A webhook about `acme`, to the deployed endpoint. */
async function deliver(fleet: MarkedFleet, clientSecret: string): Promise<number> {
  const door = await openDoor(fleet);
  const shop = "acme.myshopify.com";
  const body = JSON.stringify({ myshopify_domain: shop });
  try {
    const reply = await fetch(`${door.plainUrl}/webhooks`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-shopify-topic": "app/scopes_update",
        "x-shopify-shop-domain": shop,
        "x-shopify-webhook-id": randomUUID(),
        "x-shopify-hmac-sha256": webhookHmac(body, clientSecret),
      },
    });
    return reply.status;
  } finally {
    await door.close();
  }
}

async function finishChange({ world }: MarkedFleet): Promise<string> {
  letListsArrive(world);
  const operator = await personWith(world, "drilled-operator", [encodeActingPolicy(DEV_FLEET)]);
  const { code, out } = await operator("rotate --app fulfilment --prefix shopify/dev");
  return `${out}exit code ${code}`;
}

async function tokenOf({ world, stores }: MarkedFleet): Promise<string> {
  const { record } = await readRecord(world, stores["acme"]?.secretArn ?? "");
  return record.accessToken.unseal();
}

function isAlive({ world }: MarkedFleet, accessToken: string): boolean {
  return world.shopify.imitation.control.tokenLife({ accessToken }).death === null;
}

async function mintAsThief({ world }: MarkedFleet, clientSecret: string): Promise<number> {
  const reply = await world.shopify.imitation.handle({
    method: "POST",
    host: "acme.myshopify.com",
    path: "/admin/oauth/access_token",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      client_id: CLIENT_ID,
      client_secret: clientSecret,
      grant_type: "client_credentials",
    }),
  });
  return reply.drop === true ? 0 : reply.status;
}
