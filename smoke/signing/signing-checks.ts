import type { ShopDomain } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { SIGNING_ASSUMPTIONS as ASSUMED } from "../catalogue";
import { type Findings, fails, holds, holdsIf, type Say, type Sight } from "../findings";
import { eventually } from "../patience";
import { type Asked, askForToken, statusOfToken } from "./asked";
import {
  asTheFunctionsSign,
  type Difference,
  makeProbeKey,
  type Signing,
  signedWith,
} from "./probe-key";

/** A real app, and a store that has it installed. */
export interface SigningApp {
  readonly shop: ShopDomain;
  readonly clientId: string;
  /** Undefined: what it is still good for is not tried. */
  readonly clientSecret: Sealed<string> | undefined;
}

/** The terminal of a run. */
export interface Terminal {
  readonly say: Say;
  readonly findings: Findings;
  readonly signal: AbortSignal;
  /** Waits for Enter; false: nobody is there. */
  entered(question: string): Promise<boolean>;
}

/** How long a key is looked for after it was pasted, and a revoked one after it was revoked. */
const KNOWN_WITHIN_MS = 60_000;
const REVOKED_WITHIN_MS = 120_000;

/** Forms that the functions do not sign. */
const otherForms = ({ shop }: Signing): Readonly<Record<string, Difference>> => ({
  "addressed to the shop": { claims: { aud: `https://${shop}` } },
  "as the grant itself (jwt-bearer)": { as: "jwt-bearer" },
  "without kid": { header: { kid: undefined } },
  "without dest": { claims: { dest: undefined } },
  "without typ": { header: { typ: undefined } },
});

/** Asks Shopify everything that is not published of apps that sign; with a key of its own, and without AWS. */
export async function checkSigning(app: SigningApp, terminal: Terminal): Promise<void> {
  const { findings, say } = terminal;
  const signing: Signing = { ...app, key: makeProbeKey() };
  const ask = (fields: Parameters<typeof askForToken>[1]) => askForToken(app.shop, fields);
  say("Before the key is pasted");
  await findings.check(ASSUMED.unknownKey, async () => {
    const { code, shown } = await ask(await asTheFunctionsSign(signing));
    return holdsIf(code === "signing_key_unknown", shown);
  });
  say("\nPaste this in the Dev Dashboard, in the app's settings, where its keys are:\n");
  say(`${JSON.stringify(signing.key.jwk)}\n`);
  if (!(await terminal.entered("Then press Enter. "))) return;
  const first = await firstToken(signing, terminal);
  await findings.check(ASSUMED.granted, async () => await howGranted(signing, first));
  if (first.token === undefined) return;
  await checkToken(app.shop, first, terminal);
  await checkForms(signing, terminal);
  await checkOlder(signing, first, terminal);
  if (app.clientSecret !== undefined) await checkClientSecret(app, terminal);
  await checkRevoked(signing, terminal);
}

/** A key may take a moment to be known. */
async function firstToken(signing: Signing, { signal }: Terminal): Promise<Asked> {
  return await eventually(
    async () => await askForToken(signing.shop, await asTheFunctionsSign(signing)),
    ({ code }) => code !== "signing_key_unknown",
    { limitMs: KNOWN_WITHIN_MS, signal },
  );
}

/** Where the functions' own form is refused, the others are tried: which one is taken is what has to be built. */
async function howGranted(signing: Signing, first: Asked): Promise<Sight> {
  if (first.token !== undefined) return holds(first.shown);
  const taken: string[] = [];
  for (const [name, form] of Object.entries(otherForms(signing))) {
    const { token } = await askForToken(signing.shop, signedWith(signing, form));
    if (token !== undefined) taken.push(name);
  }
  const others =
    taken.length === 0 ? "no other form that we know is taken" : `taken: ${taken.join(", ")}`;
  return fails(`${first.shown}; ${others}`);
}

async function checkToken(shop: ShopDomain, first: Asked, { findings }: Terminal): Promise<void> {
  const { token, expiresIn, hasRefreshToken } = first;
  await findings.check(ASSUMED.works, async () => {
    const status = token === undefined ? 0 : await statusOfToken(shop, token);
    return holdsIf(status === 200, `the Admin API answers ${status}`);
  });
  await findings.check(ASSUMED.life, async () =>
    holdsIf(
      isKnownLife(expiresIn) && !hasRefreshToken,
      `${first.shown}${hasRefreshToken ? ", with a refresh token" : ""}`,
    ),
  );
}

/** An hour for public apps, a day for those of the own organization; each a second less, as Shopify counts. */
function isKnownLife(expiresIn: unknown): boolean {
  return [3_600, 3_599, 86_400, 86_399].includes(Number(expiresIn));
}

async function checkForms(signing: Signing, { findings }: Terminal): Promise<void> {
  const ask = (difference: Difference) =>
    askForToken(signing.shop, signedWith(signing, difference));
  const taken = async (difference: Difference): Promise<Sight> => {
    const { token, shown } = await ask(difference);
    return holdsIf(token !== undefined, shown);
  };
  const told = async (difference: Difference): Promise<Sight> => {
    const { code, shown } = await ask(difference);
    return holdsIf(code === "client_assertion_refused", shown);
  };
  await findings.check(ASSUMED.withoutKid, () => taken({ header: { kid: undefined } }));
  await findings.check(ASSUMED.withoutDest, () => taken({ claims: { dest: undefined } }));
  await findings.check(ASSUMED.fiveMinutes, () => taken({ lifeSeconds: 300 }));
  await findings.check(ASSUMED.expired, () => told({ issuedInSeconds: -600 }));
  await findings.check(ASSUMED.early, () => told({ issuedInSeconds: 600 }));
  await findings.check(ASSUMED.audience, () => told({ claims: { aud: "https://example.com" } }));
  await findings.check(ASSUMED.replay, async () => {
    const fields = await asTheFunctionsSign(signing);
    await askForToken(signing.shop, fields);
    const { code, shown } = await askForToken(signing.shop, fields);
    return holdsIf(code === "client_assertion_refused", shown);
  });
}

/** By now several newer tokens were granted. */
async function checkOlder(
  signing: Signing,
  { token }: Asked,
  { findings }: Terminal,
): Promise<void> {
  await findings.check(ASSUMED.older, async () => {
    const status = token === undefined ? 0 : await statusOfToken(signing.shop, token);
    return holdsIf(
      status === 200,
      `the first token of this run answers ${status} after newer ones`,
    );
  });
}

async function checkClientSecret(app: SigningApp, { findings }: Terminal): Promise<void> {
  const { shop, clientId, clientSecret = Sealed.of("") } = app;
  await findings.check(ASSUMED.clientSecret, async () => {
    const { token, shown } = await askForToken(shop, {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
    });
    return holdsIf(token === undefined, shown);
  });
}

async function checkRevoked(signing: Signing, terminal: Terminal): Promise<void> {
  const { findings, signal } = terminal;
  const last = await askForToken(signing.shop, await asTheFunctionsSign(signing));
  if (!(await terminal.entered("\nRevoke the key in the Dev Dashboard, then press Enter. ")))
    return;
  const revokedAt = Date.now();
  await findings.check(ASSUMED.revoked, async () => {
    const { code, shown } = await eventually(
      async () => await askForToken(signing.shop, await asTheFunctionsSign(signing)),
      ({ token }) => token === undefined,
      { limitMs: REVOKED_WITHIN_MS, signal },
    );
    const seconds = Math.round((Date.now() - revokedAt) / 1_000);
    return holdsIf(code === "signing_key_unknown", `${shown}, after ${seconds} seconds`);
  });
  await findings.check(ASSUMED.afterRevoked, async () => {
    const status = last.token === undefined ? 0 : await statusOfToken(signing.shop, last.token);
    return holdsIf(status === 200, `a token that the key got answers ${status}`);
  });
}
