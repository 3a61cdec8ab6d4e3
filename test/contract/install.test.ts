import type { StoreKey } from "../../contract/brands";
import {
  callbackUrlOf,
  installBaseUrlOf,
  installLinkOf,
  isHostName,
  webhooksUrlOf,
} from "../../contract/install";
import { encodeStatus, STATUS_TAGS } from "../../contract/store/status";

describe("the addresses of the install endpoint", () => {
  test.each(["https://connect.example.com", "https://connect.example.com/"])("under %s", (base) => {
    expect(installLinkOf(base, "acme" as StoreKey)).toBe(
      "https://connect.example.com/install/acme",
    );
    expect(callbackUrlOf(base)).toBe("https://connect.example.com/callback");
    expect(webhooksUrlOf(base)).toBe("https://connect.example.com/webhooks");
  });

  test("a host's base URL is https", () => {
    expect(installBaseUrlOf("connect.example.com")).toBe("https://connect.example.com");
  });

  test.each([
    "abc123.execute-api.us-east-1.amazonaws.com",
    "connect.example.com",
    "a.execute-api.localhost",
  ])("%s is a host name", (text) => expect(isHostName(text)).toBe(true));

  test.each([
    "",
    "localhost",
    "https://connect.example.com",
    "connect.example.com/",
    "connect.example.com:443",
    "Connect.example.com",
    "-a.example.com",
    "a..example.com",
    "a.example.com.",
    "a b.example.com",
    "user@a.example.com",
    `${"a".repeat(64)}.example.com`,
    `${"a.".repeat(130)}example.com`,
    undefined,
  ])("%s is none", (text) => expect(isHostName(text)).toBe(false));
});

const missingTag = (missingScopes: readonly string[]) =>
  encodeStatus({ missingScopes })[STATUS_TAGS.missingScopes] ?? "";

test("missing scopes are cut off at a scope, to fit into a tag", () => {
  expect(missingTag(["read_orders", "write_products"])).toBe("read_orders write_products");
  const many = Array.from({ length: 60 }, (_, at) => `read_scope_${at}`);
  const tag = missingTag(many);
  expect(tag.length).toBeLessThanOrEqual(256);
  expect(many.join(" ").startsWith(`${tag} `)).toBe(true);
});
