import { adviceOf, type ErrorCode, enrolmentAdviceOf, type Told } from "../errors";
import { isStatic } from "../kinds";
import type { StoreState } from "./status";
import { labelOf, type StoreView } from "./view";

const UP = "pulumi up --continue-on-error";

/** What was found of a store. */
export interface Found {
  readonly state: StoreState;
  /** The code of what is wrong, or of the last attempt that failed; empty: neither. */
  readonly code: ErrorCode | "";
}

/** Whose it is to mend a store, what is wrong, and the next command. */
export function adviceFor(
  view: Pick<StoreView, "key" | "facts" | "declaration" | "current">,
  { state, code }: Found,
): Told {
  const store = labelOf(view);
  if (code === "") return withoutCode(store, state);
  const { declaration, key } = view;
  const facts = {
    ...(key === undefined ? {} : { store: key }),
    ...(declaration?.app === undefined ? {} : { app: declaration.app }),
  };
  // Nothing but the next `up` enrols it.
  if (state === "failing" && view.current === undefined) return enrolmentAdviceOf(code, facts);
  const told = adviceOf(code, facts);
  if (code !== "token_dead" || declaration === undefined) return told;
  // The code's own advice is for every kind; of this store the kind is known.
  const verb = isStatic(declaration.kind) ? "put" : "rotate";
  return { ...told, next: `shopify-secrets ${verb} ${store}` };
}

function withoutCode(store: string, state: StoreState): Told {
  switch (state) {
    case "awaiting_merchant":
      return {
        owner: "merchant",
        says: "the merchant has not approved the app yet",
        next: `shopify-secrets install-link ${store}, and send the link to the merchant`,
      };
    case "awaiting_token":
      return {
        owner: "platform-engineer",
        says: "its enrolment is under way",
        next: `if no pulumi up is running: ${UP}`,
      };
    case "uninstalled":
      return {
        owner: "merchant",
        says: "the merchant uninstalled the app",
        next: `shopify-secrets install-link ${store}, or take the store out of config`,
      };
    default:
      return {
        owner: "operator",
        says: `the store is ${state}`,
        next: `shopify-secrets check ${store}`,
      };
  }
}
