/** The environment variables of the functions: what infra sets and lambda reads. */
export const ENVIRONMENT = {
  /** The prefix of the stack's secret names, such as `shopify/dev`. */
  prefix: "SHOPIFY_SECRETS_PREFIX",
  /** The ARN of the key that seals refresh tokens; absent when the stack has no renewable offline store. */
  refreshKeyArn: "SHOPIFY_SECRETS_REFRESH_KEY_ARN",
  /** How many stores a sweep works on at the same time, which bounds what it asks of Shopify. Default: 10. */
  storesAtOnce: "SHOPIFY_SECRETS_STORES_AT_ONCE",
  /** The operator's own host name of the install endpoint; absent: the one that API Gateway made. */
  installDomain: "SHOPIFY_SECRETS_INSTALL_DOMAIN",
  /** The apps that every merchant may install, and what their stores are made with, as JSON; absent: none is open. */
  openInstalls: "SHOPIFY_SECRETS_OPEN_INSTALLS",
  /** "1" where the stack's stores come from a list as well; only of the install function. */
  hasList: "SHOPIFY_SECRETS_HAS_LIST",
  /** The SNS topic of the notices; absent: they stand in the log only. */
  noticeTopicArn: "SHOPIFY_SECRETS_NOTICE_TOPIC_ARN",
  /** The queue that a large fleet's sweep puts work into; absent: its passes do all themselves. */
  workQueueUrl: "SHOPIFY_SECRETS_WORK_QUEUE_URL",
  /** The bucket of the list; only of the function that applies it. */
  listBucket: "SHOPIFY_SECRETS_LIST_BUCKET",
  /** What rotates listed stores; only of the function that applies the list. */
  rotationFunctionArn: "SHOPIFY_SECRETS_ROTATION_FUNCTION_ARN",
  /** The key of the stack's secrets; only of a function that makes such. */
  secretsKeyArn: "SHOPIFY_SECRETS_KEY_ARN",
} as const;
