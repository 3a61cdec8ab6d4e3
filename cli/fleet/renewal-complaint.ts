import { adviceFor } from "../../contract/store/advice";
import type { Complaint } from "../print/complaints";
import type { StoreRenewal } from "./renew";
import type { StoreSeen } from "./store-view";

/** What is wrong after a renewal, and what comes next; undefined: nothing is. */
export function renewalComplaint(
  renewal: StoreRenewal,
  stores: readonly StoreSeen[],
): Complaint | undefined {
  const { store, outcome, code, refusal } = renewal;
  if (outcome === "left" || (outcome === "renewed" && code === "")) return undefined;
  if (refusal !== undefined) {
    return { store, code: "", owner: "operator", says: refusal.message, next: refusal.next };
  }
  if (code === "version_budget_spent") {
    const says = "it was renewed less than 20 minutes ago, and gets a new version no sooner";
    return { store, code, owner: "operator", says, next: `shopify-secrets rotate ${store}` };
  }
  if (outcome === "waiting") {
    const says = "it has not ended yet; Secrets Manager goes on by itself";
    return { store, code: "", owner: "operator", says, next: `shopify-secrets status ${store}` };
  }
  const seen = stores.find((one) => one.store === store);
  return seen && { store, code, ...adviceFor(seen, { state: "failing", code }) };
}
