import { parseOptions } from "../../smoke/options";

const CREDENTIALS = {
  SHOPIFY_SMOKE_CLIENT_ID: "client-id",
  SHOPIFY_SMOKE_CLIENT_SECRET: "shpss_canary",
};

test("a region is enough, and nothing is agreed to", () => {
  expect(parseOptions(["--region", "eu-west-1"], {})).toEqual({
    region: "eu-west-1",
    store: undefined,
    isAgreed: false,
  });
});

test("a store brings its app's credentials from the environment", () => {
  const argv = ["--region", "us-gov-west-1", "--shop", "acme.myshopify.com", "--yes"];
  const options = parseOptions(argv, CREDENTIALS);
  if (typeof options === "string" || !("store" in options)) throw new Error("misread");
  const { store } = options;
  expect(options).toMatchObject({ region: "us-gov-west-1", isAgreed: true });
  expect(store).toMatchObject({ shop: "acme.myshopify.com", clientId: "client-id" });
  expect(store?.clientSecret.unseal()).toBe("shpss_canary");
});

test.each([
  [[], "--region is missing"],
  [["--region", "Frankfurt"], "--region is missing"],
  [["--region", "eu-west-1", "--shop", "acme.example.com"], "--shop is not"],
  [["--region", "eu-west-1", "--keep"], "--keep"],
])("%j is refused: %s", (argv, words) => {
  expect(parseOptions(argv, CREDENTIALS)).toContain(words);
});

test("a store without credentials is refused, naming the variables and no value", () => {
  const half = { SHOPIFY_SMOKE_CLIENT_SECRET: "shpss_canary" };
  const said = parseOptions(["--region", "eu-west-1", "--shop", "acme.myshopify.com"], half);
  expect(said).toContain("SHOPIFY_SMOKE_CLIENT_ID");
  expect(said).not.toContain("canary");
});

describe("--signing-key", () => {
  const argv = ["--shop", "acme.myshopify.com", "--signing-key"];

  test("needs no AWS account, and no client secret", () => {
    expect(parseOptions(argv, { SHOPIFY_SMOKE_CLIENT_ID: "client-id" })).toEqual({
      shop: "acme.myshopify.com",
      clientId: "client-id",
      clientSecret: undefined,
    });
  });

  test("takes a client secret to try what it is still good for", () => {
    const options = parseOptions(argv, CREDENTIALS);
    expect(options).toMatchObject({ clientId: "client-id" });
    expect(JSON.stringify(options)).not.toContain("canary");
  });

  test.each([
    [["--signing-key"], CREDENTIALS, "--shop is not"],
    [[...argv, "--region", "eu-west-1"], CREDENTIALS, "leave --region out"],
    [argv, {}, "SHOPIFY_SMOKE_CLIENT_ID is not set"],
  ])("%j is refused: %s", (given, environment, words) => {
    expect(parseOptions(given, environment)).toContain(words);
  });
});
