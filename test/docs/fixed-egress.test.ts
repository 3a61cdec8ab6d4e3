import * as pulumi from "@pulumi/pulumi";

interface Seen {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const seen: Seen[] = [];
let outputs: {
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly securityGroupIds: readonly pulumi.Output<string>[];
  readonly addresses: readonly pulumi.Output<string>[];
};

const known = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => void output.apply(resolve));

const of = (type: string, name?: string): Seen[] =>
  seen.filter((one) => one.type.endsWith(`:${type}`) && (name === undefined || one.name === name));

/** The engine's side: IDs as AWS would give them, one address, two zones. */
beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        seen.push({ type, name, inputs });
        const state = type.endsWith(":Eip") ? { ...inputs, publicIp: "203.0.113.7" } : inputs;
        return { id: `${type.split(":").at(-1)}/${name}`, state };
      },
      call: () => ({ names: ["us-east-1a", "us-east-1b"] }),
    },
    "fixed-egress",
    "test",
  );
  outputs = require("../../examples/fixed-egress/index");
  await pulumi.runtime.disconnect(); // every resource is registered
});

describe("examples/fixed-egress", () => {
  test("the only way out of the functions' subnet is the NAT gateway, which has the one address", () => {
    const [inside] = of("Route", "inside");
    expect(inside?.inputs).toMatchObject({
      destinationCidrBlock: "0.0.0.0/0",
      natGatewayId: "NatGateway/egress",
    });
    expect(inside?.inputs).not.toHaveProperty("gatewayId");
    expect(of("NatGateway")[0]?.inputs).toMatchObject({
      allocationId: "Eip/egress",
      subnetId: "Subnet/outside",
    });
    expect(of("Route", "outside")[0]?.inputs).toMatchObject({
      gatewayId: "InternetGateway/egress",
    });
  });

  test("each subnet has its own route table, in one zone, within the network and apart from the other", () => {
    for (const name of ["inside", "outside"]) {
      expect(of("RouteTableAssociation", name)[0]?.inputs).toMatchObject({
        subnetId: `Subnet/${name}`,
        routeTableId: `RouteTable/${name}`,
      });
      expect(of("Subnet", name)[0]?.inputs["availabilityZone"]).toBe("us-east-1a");
    }
    const [network, ...parts] = [
      of("Vpc")[0],
      of("Subnet", "outside")[0],
      of("Subnet", "inside")[0],
    ].map((one) => rangeOf(String(one?.inputs["cidrBlock"])));
    const [outside, inside] = parts;
    for (const part of parts) {
      expect(part.first >= (network?.first ?? 0) && part.last <= (network?.last ?? 0)).toBe(true);
    }
    expect((outside?.last ?? 0) < (inside?.first ?? 0)).toBe(true);
  });

  test("nothing comes in, and what goes out is HTTPS", () => {
    const [group] = of("SecurityGroup");
    expect(group?.inputs["egress"]).toEqual([
      { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] },
    ]);
    expect(group?.inputs).not.toHaveProperty("ingress");
  });

  test("exports what shopify-secrets:vpc takes", async () => {
    expect(await Promise.all(outputs.subnetIds.map(known))).toEqual(["Subnet/inside"]);
    expect(await Promise.all(outputs.securityGroupIds.map(known))).toEqual([
      "SecurityGroup/egress",
    ]);
    expect(await Promise.all(outputs.addresses.map(known))).toEqual(["203.0.113.7/32"]);
  });
});

/** The addresses of a CIDR block, as numbers. */
function rangeOf(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
}
