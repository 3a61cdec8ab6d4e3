import { allowlistsOf } from "../../infra/allowlists";
import { parseFleet } from "../../infra/config/parse-fleet";
import { reading } from "./config/at";
import { VALID } from "./config/mistakes";

const VPC = { subnetIds: ["subnet-0a"], securityGroupIds: ["sg-0a"] };
const CONSUMERS = {
  erp: { addresses: ["198.51.100.0/24"] },
  worker: { networks: ["AS16509"], countries: ["DE"] },
};

const read = (app: object, rest: object = {}, kind = "offline-expiring") =>
  parseFleet(
    {
      ...VALID,
      apps: { fulfilment: { clientId: "id", ...app } },
      stores: { acme: { kind, app: "fulfilment", shop: "acme.myshopify.com" } },
      accessTokens: {},
      ...rest,
    },
    reading("shopify/test"),
  );

describe("the allowlist of an app", () => {
  test("holds the networks of the functions and everything that the consumers need", () => {
    const { fleet, problems } = read({ distribution: "custom" }, { consumers: CONSUMERS });
    expect(problems).toEqual([]);
    expect(allowlistsOf(fleet, "us-east-1")).toEqual({
      fulfilment: {
        addresses: ["198.51.100.0/24"],
        networks: ["AS14618", "AS16509"],
        countries: ["DE", "US"],
        for: ["functions", "erp", "worker"],
      },
    });
  });

  test("holds the functions' own addresses where config says so", () => {
    const vpc = { ...VPC, addresses: ["203.0.113.7/32"] };
    const { fleet, problems } = read({ distribution: "public", allowlist: "addresses" }, { vpc });
    expect(problems).toEqual([]);
    expect(allowlistsOf(fleet, "us-east-1")).toEqual({
      fulfilment: {
        addresses: ["203.0.113.7/32"],
        networks: [],
        countries: [],
        for: ["functions"],
      },
    });
  });

  test.each([
    [{ distribution: "custom" }, "offline-expiring", true],
    [{ distribution: "public" }, "offline-expiring", true],
    [{ distribution: "own-organization" }, "offline-expiring", false],
    [{}, "offline-expiring", true],
    [{}, "client-credentials", false],
    [{ allowlist: "networks" }, "client-credentials", true],
  ])("app %j with a store of kind %s: %s", (app, kind, isThere) => {
    const { fleet } = read(app, {}, kind);
    expect(Object.keys(allowlistsOf(fleet, "eu-west-1"))).toEqual(isThere ? ["fulfilment"] : []);
  });

  test.each([
    [
      "addresses without any",
      { allowlist: "addresses" },
      {},
      /needs addresses of the functions' own/,
    ],
    [
      "addresses of no network of ours",
      { allowlist: "addresses" },
      { vpc: VPC },
      /needs addresses/,
    ],
    ["a mode that is none", { allowlist: "network" }, {}, /must be one of networks, addresses/],
    [
      "an address that is none",
      {},
      { vpc: { ...VPC, addresses: ["203.0.113"] } },
      /must be addresses or ranges/,
    ],
    [
      "a consumer without anything",
      {},
      { consumers: { erp: {} } },
      /names nothing that lets it pass/,
    ],
    [
      "networks without a country",
      {},
      { consumers: { erp: { networks: ["AS1"] } } },
      /go together/,
    ],
    ["a consumer that is a list", {}, { consumers: { erp: ["203.0.113.7"] } }, /must be a map/],
    [
      "a country by its name",
      {},
      { consumers: { erp: { networks: ["AS1"], countries: ["Ireland"] } } },
      /country's code/,
    ],
  ])("refuses %s", (...[, app, rest, says]) => {
    const { problems } = read(app, rest);
    expect(problems.map((problem) => problem.says).join("; ")).toMatch(says);
  });
});
