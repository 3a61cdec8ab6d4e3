import { mergeStoresFile } from "../../../infra/config/stores-file";

const ACME = { kind: "offline", shop: "acme.myshopify.com" };

function merge(text: string, stores: Readonly<Record<string, unknown>> = {}) {
  return mergeStoresFile({ storesFile: "stores.yaml", stores }, () => text);
}

test("without a file config stays as it is", () => {
  const config = { stores: { acme: ACME } };
  const read = () => {
    throw new Error("nothing is read");
  };
  expect(mergeStoresFile(config, read)).toEqual({ config, problems: [] });
});

test("the stores of the file join those of config", () => {
  const text = "heritage:\n  kind: custom-app\n  shop: heritage.myshopify.com\n";
  const { config, problems } = merge(text, { acme: ACME });
  expect(problems).toEqual([]);
  expect(config["stores"]).toEqual({
    acme: ACME,
    heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
  });
});

test("a store in both is a problem, and config's own stays", () => {
  const { config, problems } = merge("acme:\n  kind: custom-app\n", { acme: ACME });
  expect(problems).toEqual([
    {
      path: "stores.yaml.acme",
      says: expect.stringMatching(/stands in shopify-secrets:stores as well/),
    },
  ]);
  expect(config["stores"]).toEqual({ acme: ACME });
});

test("what is not YAML is named by its line, and not shown", () => {
  const { problems } = merge("acme:\n  kind: offline\n bad: [shpat_canary\n");
  expect(problems[0]?.path).toBe("shopify-secrets:storesFile");
  expect(problems[0]?.says).toMatch(/not YAML: see its line \d+$/);
  expect(JSON.stringify(problems)).not.toContain("canary");
});

test("a file that cannot be read is a problem", () => {
  const read = () => {
    throw new Error("ENOENT: /home/somebody/stores.yaml");
  };
  const { problems } = mergeStoresFile({ storesFile: "stores.yaml" }, read);
  expect(problems).toEqual([
    { path: "shopify-secrets:storesFile", says: expect.stringMatching(/cannot be read/) },
  ]);
});

test("a list is no map of stores", () => {
  const { problems } = merge("- acme\n");
  expect(problems).toEqual([{ path: "stores.yaml", says: expect.stringMatching(/must be a map/) }]);
});
