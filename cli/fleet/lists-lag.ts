/** Said where only a list of secrets could tell (API reference of ListSecrets). */
export const LISTS_LAG = "a new store may not be listed for five minutes";
