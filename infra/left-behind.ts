import type { AppKey } from "../contract/brands";
import type { Declaration } from "../contract/declaration";

/** A few words for stores that a deployment would leave behind: the first, and how many more. */
export function namesOf([first, ...others]: readonly { readonly store: string }[]): string {
  const { store = "" } = first ?? {};
  return others.length === 0 ? store : `${store} and ${others.length} more`;
}

/** The command that sets one setting of an app. */
export function setInApp(app: AppKey | "", setting: string, value: string): string {
  return `pulumi config set --path 'shopify-secrets:apps.${app}.${setting}' ${value}`;
}

/** What an app was that config has no more; undefined: nobody knows. */
export interface FormerApp extends Pick<Declaration, "distribution" | "credential"> {
  readonly clientId: string | undefined;
}

/** The commands that declare an app as it was. */
export function declaringAgain(
  app: AppKey | "",
  { clientId, distribution, credential }: FormerApp,
): string[] {
  const settings = { clientId, distribution, credential };
  const set = Object.entries(settings).flatMap(([setting, value]) =>
    value === undefined ? [] : [setInApp(app, setting, value)],
  );
  const secret = `pulumi config set --secret --path 'shopify-secrets:clientSecrets.${app}'`;
  return credential === undefined ? [...set, secret] : set;
}
