/** Whether the tests run at full size: `npm run test:long` sets it. */
export const LONG = process.env.SHOPIFY_SECRETS_LONG === "1";

/** The size of a test: the small one in `npm test`, the long one in `npm run test:long`. */
export function sized<Size>(small: Size, long: Size): Size {
  return LONG ? long : small;
}
