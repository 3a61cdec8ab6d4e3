import { isAddressRange, joinAllowed, networksOf } from "../../contract/allowlist";

describe("what stands on an allowlist", () => {
  test.each([
    "203.0.113.7",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "255.255.255.255/32",
    "2001:db8::1",
    "2001:db8::/32",
  ])("%s is an address or a range", (text) => expect(isAddressRange(text)).toBe(true));

  test.each([
    "",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.7/33",
    "AS16509",
    "example.com",
    "1.2.3.4 ",
    "::/200",
    "2001:db8",
  ])("%j is none", (text) => expect(isAddressRange(text)).toBe(false));

  test("the functions pass by AWS's networks in the region's country", () => {
    expect(networksOf("us-east-1")).toEqual({
      addresses: [],
      networks: ["AS16509", "AS14618"],
      countries: ["US"],
    });
    expect(networksOf("eu-west-1")).toMatchObject({ networks: ["AS16509"], countries: ["IE"] });
    expect(networksOf("xx-young-1").countries).toEqual(["the country of xx-young-1"]);
  });

  test("lists are joined, and name each thing once", () => {
    const office = { addresses: ["203.0.113.7"], networks: [], countries: [] };
    expect(joinAllowed([networksOf("eu-west-1"), networksOf("eu-west-1"), office])).toEqual({
      addresses: ["203.0.113.7"],
      networks: ["AS16509"],
      countries: ["IE"],
    });
  });
});
