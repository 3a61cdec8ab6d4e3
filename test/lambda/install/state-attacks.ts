import type { StoreKey } from "../../../contract/brands";
import { MINUTE } from "../../simulation/stage";
import {
  type Attempt,
  CANARY,
  forged,
  OTHER_APP,
  OTHER_SECRET,
  OTHER_SHOP,
  OTHER_STORE,
  type Row,
  send,
} from "./attack";

export const STATES: readonly Row[] = [
  [
    "no cookie",
    async ({ install, query }) => await install.callback(query, []),
    "install_state_invalid",
    400,
  ],
  [
    "another attempt's cookie",
    async ({ install, query }) => await install.callback(query, [(await install.begin()).cookie]),
    "install_state_invalid",
    400,
  ],
  [
    "another store's cookie under the right name",
    async ({ install, visit, query }) =>
      await install.callback(query, [
        `${visit.cookie.split("=")[0]}=${(await install.begin(OTHER_STORE)).cookie.split("=")[1]}`,
      ]),
    "install_state_invalid",
    400,
  ],
  [
    "the cookie with another store in it",
    async ({ install, visit, query }) =>
      await install.callback(query, [visit.cookie.replace(".acme.", `.${OTHER_STORE}.`)]),
    "install_state_invalid",
    400,
  ],
  [
    "the cookie with a store that is not declared",
    async ({ install, visit, query }) =>
      await install.callback(query, [visit.cookie.replace(".acme.", ".nobody.")]),
    "store_not_declared",
    404,
  ],
  [
    "the cookie with a later end",
    async ({ install, visit, query }) =>
      await install.callback(query, [
        visit.cookie.replace(/\.(\d{10})\./, (_all, end: string) => `.${Number(end) + 600}.`),
      ]),
    "install_state_invalid",
    400,
  ],
  [
    "the cookie without its seal",
    async ({ install, visit, query }) =>
      await install.callback(query, [visit.cookie.replace(/\.[\w-]+$/, ".")]),
    "install_state_invalid",
    400,
  ],
  [
    "the cookie with another version",
    async ({ install, visit, query }) =>
      await install.callback(query, [visit.cookie.replace("=v1.", "=v2.")]),
    "install_state_invalid",
    400,
  ],
  [
    "no state",
    send(({ query }) => forged(query, { state: undefined })),
    "install_request_malformed",
    400,
  ],
  [
    "a state of the attacker's own",
    send(({ query }) => forged(query, { state: CANARY })),
    "install_state_invalid",
    400,
  ],
  [
    "the attacker's own answer in the victim's browser",
    async ({ install, visit }) => {
      const attackers = await install.begin();
      return await install.callback(install.approve(attackers), [visit.cookie]);
    },
    "install_state_invalid",
    400,
  ],
  [
    "an expired one",
    async ({ install, visit, query }) => {
      install.world.clock.now += 10 * MINUTE;
      const now = String(Math.floor(install.world.clock.now / 1_000));
      return await install.callback(forged(query, { timestamp: now }), [visit.cookie]);
    },
    "install_state_invalid",
    400,
  ],
  [
    "one from before the declaration changed",
    async ({ install, visit, query }) => {
      await install.world.declare("offline-expiring", [], OTHER_SHOP);
      return await install.callback(query, [visit.cookie]);
    },
    "install_state_invalid",
    400,
  ],
];

const open =
  (store: string): Attempt =>
  async ({ install }) =>
    (await install.open(store)).reply;

export const STORES: readonly Row[] = [
  ["one that is not declared", open("nobody"), "store_not_declared", 404],
  ["an app secret", open("../apps/erp/credential"), "store_not_declared", 404],
  ["a whole secret name", open("shopify/test/stores/acme/token"), "store_not_declared", 404],
  [
    "an ARN",
    open("arn:aws:secretsmanager:us-east-1:000000000000:secret:x"),
    "store_not_declared",
    404,
  ],
  ["upper-case letters", open("ACME"), "store_not_declared", 404],
  ["nothing", open(""), "store_not_declared", 404],
  ["a very long one", open("a".repeat(10_000)), "store_not_declared", 404],
  ["markup", open(`<img src=x onerror=${CANARY}>`), "store_not_declared", 404],
  ["a prototype's name", open("__proto__"), "store_not_declared", 404],
  [
    "one of another kind",
    async ({ install }) => {
      await install.declareStore("static" as StoreKey, { kind: "custom-app", shop: OTHER_SHOP });
      return (await install.open("static")).reply;
    },
    "store_not_installable",
    404,
  ],
  [
    "one of kind client-credentials",
    async ({ install }) => {
      await install.declareStore("own" as StoreKey, {
        kind: "client-credentials",
        shop: OTHER_SHOP,
        app: OTHER_APP,
      });
      return (await install.open("own")).reply;
    },
    "store_not_installable",
    404,
  ],
  [
    "one of kind offline without an app",
    async ({ install }) => {
      await install.declareStore("bare" as StoreKey, { kind: "offline", shop: OTHER_SHOP });
      return (await install.open("bare")).reply;
    },
    "store_not_installable",
    404,
  ],
];

export const MIX_UPS: readonly Row[] = [
  [
    "a true answer for one store with the other store's ticket",
    async ({ install, query }) =>
      await install.callback(query, [(await install.begin(OTHER_STORE)).cookie]),
    "install_state_invalid",
    400,
  ],
  [
    "a true answer of the other app, its state changed to the victim's",
    async ({ install, visit }) => {
      const others = install.approve(await install.begin(OTHER_STORE));
      const state = new URL(visit.location).searchParams.get("state") ?? "";
      return await install.callback(forged(others, { state }, OTHER_SECRET), [visit.cookie]);
    },
    "callback_signature_invalid",
    400,
  ],
];
