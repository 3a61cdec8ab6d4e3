import { checkConfig, parseConfig, refuseAccount } from "../../../local/provider/provider-config";
import { CONFIG } from "./stand-in";

test("reads structured configuration as objects and as JSON texts alike", () => {
  const ignoreTags = { keyPrefixes: ["status:"], keys: ["owner"] };
  const defaultTags = { tags: { project: "shop" } };
  const allowedAccountIds = ["000000000000"];
  const expected = { ignoreTags, defaultTags: defaultTags.tags, allowedAccountIds };
  const objects = { region: "us-east-1", ignoreTags, defaultTags, allowedAccountIds };
  const json = {
    region: "us-east-1",
    ignoreTags: JSON.stringify(ignoreTags),
    defaultTags: JSON.stringify(defaultTags),
    allowedAccountIds: JSON.stringify(allowedAccountIds),
  };
  expect(parseConfig(objects, {})).toMatchObject(expected);
  expect(parseConfig(json, {})).toMatchObject(expected);
});

test("takes the region from the configuration, else from the environment, else refuses", () => {
  const environment = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" };
  expect(parseConfig({ region: "us-east-1" }, environment).region).toBe("us-east-1");
  expect(parseConfig({}, environment).region).toBe("eu-west-1");
  expect(parseConfig({}, { AWS_DEFAULT_REGION: "eu-west-2" }).region).toBe("eu-west-2");
  expect(() => parseConfig({}, {})).toThrow(/aws:region/);
});

test("passes credentials and profile on only where they are given", () => {
  const given = { region: "r", accessKey: "k", secretKey: "s", token: "t", profile: "p" };
  expect(parseConfig(given, {})).toMatchObject({
    profile: "p",
    credentials: { accessKeyId: "k", secretAccessKey: "s", sessionToken: "t" },
  });
  expect(parseConfig({ region: "r" }, {})).not.toHaveProperty("credentials");
});

test("refuses configuration that it would not act on, and names it", () => {
  expect(checkConfig({ region: "r", endpoints: "[]" })).toEqual([
    { property: "endpoints", reason: expect.stringContaining('"endpoints"') },
  ]);
  expect(checkConfig({ ignoreTags: "no JSON" })).toHaveLength(1);
  expect(checkConfig({ allowedAccountIds: '["1"]', forbiddenAccountIds: '["2"]' })).toEqual([
    expect.objectContaining({ property: "allowedAccountIds" }),
  ]);
  expect(checkConfig({ region: "r", version: "7.48.0", skipMetadataApiCheck: "true" })).toEqual([]);
});

describe("the account", () => {
  const message = "AWS account ID not allowed: 000000000000";
  const refused = (lists: object) => () => refuseAccount({ ...CONFIG, ...lists }, "000000000000");

  test("is refused when it is not among the allowed ones, or is forbidden", () => {
    expect(refused({ allowedAccountIds: ["123456789012"] })).toThrow(message);
    expect(refused({ forbiddenAccountIds: ["000000000000"] })).toThrow(message);
  });

  test("is accepted when it is allowed, or when nothing is said", () => {
    expect(refused({ allowedAccountIds: ["1", "000000000000"] })).not.toThrow();
    expect(refused({ forbiddenAccountIds: ["123456789012"] })).not.toThrow();
    expect(refused({})).not.toThrow();
  });
});
