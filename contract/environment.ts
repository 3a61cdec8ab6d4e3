/** The environment variables of the functions: what infra sets and lambda reads. */
export const ENVIRONMENT = {
  /** The prefix of the stack's secret names, such as `shopify/dev`. */
  prefix: "SHOPIFY_SECRETS_PREFIX",
  /** The ARN of the key that seals refresh tokens; absent when the stack has no renewable offline store. */
  refreshKeyArn: "SHOPIFY_SECRETS_REFRESH_KEY_ARN",
} as const;
