import { RolePolicy } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { mayPublishNotices } from "../policies/notices";
import { encodePolicy } from "../policies/statement";
import type { FleetFunction } from "./fleet-function";

/** Lets a function tell people; nothing in a stack that tells nobody. */
export function createNoticePolicies(
  parent: pulumi.ComponentResource,
  name: string,
  teller: {
    readonly roleName: FleetFunction["roleName"];
    readonly noticeTopicArn: pulumi.Input<string> | undefined;
  },
): RolePolicy[] {
  const { roleName: role, noticeTopicArn } = teller;
  if (noticeTopicArn === undefined) return [];
  const policy = pulumi
    .output(noticeTopicArn)
    .apply((topicArn) => encodePolicy([mayPublishNotices(topicArn)]));
  return [new RolePolicy(`${name}-notice-policy`, { role, policy }, { parent })];
}
