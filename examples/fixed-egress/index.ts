import { getAvailabilityZonesOutput } from "@pulumi/aws";
import {
  Eip,
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  RouteTableAssociation,
  SecurityGroup,
  Subnet,
  Vpc,
} from "@pulumi/aws/ec2";
import { interpolate } from "@pulumi/pulumi";

// One zone: a NAT gateway costs about $33 a month, and the functions try again ten minutes after an outage of a zone.
const zone = getAvailabilityZonesOutput({ state: "available" }).names.apply(
  ([first]) => first ?? "",
);
const tags = { Name: "shopify-secrets-egress" };

const vpc = new Vpc("egress", { cidrBlock: "10.83.0.0/24", enableDnsHostnames: true, tags });
const gateway = new InternetGateway("egress", { vpcId: vpc.id, tags });

/** A subnet with a route to everywhere. */
function subnetOf(
  name: string,
  cidrBlock: string,
  to: { gatewayId?: typeof gateway.id; natGatewayId?: NatGateway["id"] },
) {
  const subnet = new Subnet(name, { vpcId: vpc.id, cidrBlock, availabilityZone: zone, tags });
  const table = new RouteTable(name, { vpcId: vpc.id, tags });
  new Route(name, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...to });
  new RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: table.id });
  return subnet;
}

const outside = subnetOf("outside", "10.83.0.0/28", { gatewayId: gateway.id });

/** The address that Shopify sees: kept when everything else is made anew. */
const address = new Eip("egress", { domain: "vpc", tags }, { protect: true });
const nat = new NatGateway(
  "egress",
  { subnetId: outside.id, allocationId: address.id, tags },
  { dependsOn: gateway },
);
const inside = subnetOf("inside", "10.83.0.128/25", { natGatewayId: nat.id });

const group = new SecurityGroup("egress", {
  vpcId: vpc.id,
  description: "The functions of shopify-secrets: out to HTTPS, and nothing in.",
  egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }],
  tags,
});

/** What `shopify-secrets:vpc` takes. */
export const subnetIds = [inside.id];
export const securityGroupIds = [group.id];
export const addresses = [interpolate`${address.publicIp}/32`];
