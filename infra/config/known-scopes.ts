import { suggestionFor } from "../../contract/suggest";

// shopify.dev, "Shopify API access scopes". New ones come with each version of the API: a scope that is not here
// is no mistake, but one that is a slip away from one that is here most likely is.
const READ_AND_WRITE =
  "orders draft_orders products customers content themes inventory fulfillments shipping checkouts reports price_rules discounts marketing_events script_tags gift_cards translations locales markets metaobjects metaobject_definitions files publications purchase_options returns payment_terms payment_customizations delivery_customizations cart_transforms validations pixels companies legal_policies online_store_pages online_store_navigation product_feeds product_listings resource_feedbacks own_subscription_contracts assigned_fulfillment_orders merchant_managed_fulfillment_orders third_party_fulfillment_orders order_edits customer_merge packing_slip_templates privacy_settings inventory_transfers inventory_shipments".split(
    " ",
  );
const READ_ONLY =
  "all_orders analytics locations users channels customer_events customer_payment_methods shopify_payments_accounts shopify_payments_payouts shopify_payments_disputes".split(
    " ",
  );

const KNOWN = [
  ...READ_AND_WRITE.flatMap((resource) => [`read_${resource}`, `write_${resource}`]),
  ...READ_ONLY.map((resource) => `read_${resource}`),
];

/** The known scope that an unknown one is a slip away from, such as `read_orders` for `read_order`. */
export function likelyScopeFor(scope: string): string | undefined {
  return KNOWN.includes(scope) ? undefined : suggestionFor(scope, KNOWN, 1);
}
