import { appSecretName } from "../../../contract/names";
import type { Secret, SecretVersion } from "../../../local/secrets-manager/state";
import { peek, signingKeyPair } from "../aws/kms";
import { APP, CLIENT_ID, PREFIX } from "../stage";
import type { World } from "../world";

/** The tokens that a version of a store secret holds. */
export interface Held {
  readonly versionId: string;
  readonly accessToken: string;
  /** Undefined: there is none. */
  readonly refreshToken: string | undefined;
  /** What the record says of its check. */
  readonly checked: string;
}

/** How long a request for a token may be on its way. */
const LONGEST_REQUEST_SECONDS = 15;

/** What is really so: read out of Secrets Manager's and Shopify's own state, past every function and every fault. */
export class Truth {
  readonly #world: World;
  /** By their values, which never change. */
  readonly #held = new WeakMap<object, Held | "no record">();

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether Shopify takes an access token now, its shop being open. */
  isAlive(accessToken: string): boolean {
    return this.#world.shopify.control.tokenLife({ accessToken }).death === null;
  }

  /** Whether a token died because its merchant uninstalled the app. */
  isUninstalled(accessToken: string): boolean {
    return this.#world.shopify.control.tokenLife({ accessToken }).death === "uninstalled";
  }

  /** Shopify's own order of what it granted: greater is later. */
  orderOf(accessToken: string): number {
    return this.#world.shopify.control.tokenLife({ accessToken }).tokenId ?? 0;
  }

  /** Whether a token has lived for longer than it will; one that died with its installation has no half. */
  isPastHalf(accessToken: string): boolean {
    const life = this.#world.shopify.control.tokenLife({ accessToken });
    if (typeof life.secondsLeft !== "number" || !this.isAlive(accessToken)) return false;
    return life.ageSeconds > life.secondsLeft;
  }

  /** Whether a token is in its last moments: its record counts from the request for it, Shopify from its answer. */
  isEnding(accessToken: string): boolean {
    const { secondsLeft } = this.#world.shopify.control.tokenLife({ accessToken });
    return typeof secondsLeft === "number" && secondsLeft < LONGEST_REQUEST_SECONDS;
  }

  isRefreshable(refreshToken: string): boolean {
    return this.#world.shopify.control.refreshTokenLife({ refreshToken }).usable;
  }

  secretOf(key: string): Secret | undefined {
    return this.#world.secrets.state.secrets.get(this.#world.arnOf(key));
  }

  /** What an application would read. */
  currentOf(key: string): Held | undefined {
    return this.current(this.secretOf(key));
  }

  current(secret: Secret | undefined): Held | undefined {
    const version = secret?.versions.find(({ stages }) => stages.includes("AWSCURRENT"));
    return version && this.held(version);
  }

  /** What a version holds; undefined for one without a value, or whose value is no record. */
  held(version: SecretVersion): Held | undefined {
    const { value } = version;
    if (value === undefined) return undefined;
    const known = this.#held.get(value) ?? read(version) ?? "no record";
    this.#held.set(value, known);
    return known === "no record" ? undefined : known;
  }

  allHeld(secret: Secret): Held[] {
    return secret.versions.flatMap((version) => this.held(version) ?? []);
  }

  /** Whether the store has, or could be given without any person, an access token that works. */
  couldLive(key: string): boolean {
    const secret = this.secretOf(key);
    if (secret === undefined) return false;
    const held = this.allHeld(secret);
    if (held.some(({ accessToken }) => this.isAlive(accessToken))) return this.#isOpen(key);
    if (!this.#isOpen(key)) return false;
    const isObtainable = this.#world.kinds.get(key) === "client-credentials";
    if (isObtainable && this.#world.signs !== undefined) return this.#canSign();
    if (!this.#hasClientSecret()) return false;
    if (isObtainable) return true;
    return held.some(({ refreshToken }) => refreshToken && this.isRefreshable(refreshToken));
  }

  #isOpen(key: string): boolean {
    const { control } = this.#world.shopify;
    const shop = this.#world.shopOf(key);
    return !this.#isClosed(key) && control.installation({ clientId: CLIENT_ID, shop }) !== null;
  }

  /** An allowlist of addresses closes the Admin API to the functions, and keeps no token from being renewed. */
  #isClosed(key: string): boolean {
    return this.#world.obstructed.get(key)?.isClosed ?? false;
  }

  /** Whether one of the keys that the functions may sign with does, and is taken by Shopify. */
  #canSign(): boolean {
    return this.#world.signingKeys.some(
      (keyArn) =>
        signingKeyPair(keyArn).state === "Enabled" && this.#world.keyAtShopify(keyArn) === "live",
    );
  }

  /** Whether one of the client secrets that the functions may present is taken by Shopify. */
  #hasClientSecret(): boolean {
    const secret = this.#world.secrets.secretNamed(appSecretName(PREFIX, APP));
    const versions = secret?.versions.filter(({ stages }) => stages.length > 0) ?? [];
    return versions.some(({ value }) => {
      const { client_secret } = JSON.parse(value?.text ?? "{}") as { client_secret?: string };
      return client_secret !== undefined && this.#world.clientSecrets.includes(client_secret);
    });
  }
}

function read({ id, value }: SecretVersion): Held | undefined {
  try {
    const record = JSON.parse(value?.text ?? "") as Readonly<Record<string, string>>;
    const {
      access_token: accessToken = "",
      refresh_token_sealed: sealed = "",
      checked = "",
    } = record;
    const refreshToken = sealed === "" ? undefined : peek(sealed);
    return { versionId: id, accessToken, refreshToken, checked };
  } catch {
    return undefined; // a value that somebody put there and that is no record
  }
}
