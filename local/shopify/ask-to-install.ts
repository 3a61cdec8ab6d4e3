import { type AuthorizeResult, installPage } from "./authorize";
import { htmlAnswer, type ImitationRequest, redirectAnswer, urlOf } from "./protocol";
import { appUrlAddress } from "./rules/callback";
import { grantScopes } from "./rules/installation";
import type { App, AppOnShop, RuleContext } from "./state";

/** What a merchant brings: the query of a link, or the form that its page sends. */
export function readVisit(request: ImitationRequest): {
  readonly isAnswer: boolean;
  readonly given: URLSearchParams;
} {
  const isAnswer = request.method === "POST";
  const given = isAnswer ? new URLSearchParams(request.body) : urlOf(request).searchParams;
  return { isAnswer, given };
}

/** Asks a merchant for an app's released scopes; once they agreed, the app is installed and opened. */
export function askToInstall(
  context: RuleContext,
  { app, on }: { readonly app: App; readonly on: AppOnShop },
  by: { readonly request: ImitationRequest; readonly form: Parameters<typeof installPage>[2] },
): AuthorizeResult {
  const { isAnswer, given } = readVisit(by.request);
  if (!isAnswer) {
    const of = { shop: on.shop, scopes: app.scopes };
    return { answer: installPage(app, of, by.form) };
  }
  if (given.get("answer") !== "approve") {
    return { answer: htmlAnswer(200, { title: "Cancelled", content: "<p>Not installed.</p>" }) };
  }
  grantScopes(context, on, app.scopes);
  return openInstalled(context, on);
}

/** The app's own address, as it is opened in the store's admin. */
export function openInstalled(context: RuleContext, on: AppOnShop): AuthorizeResult {
  return { answer: redirectAnswer(appUrlAddress(context, on) ?? `https://${on.shop}/admin`) };
}
