import { type Output, output } from "@pulumi/pulumi";
import type { ProvisionedFleet } from "../../infra/fleet";
import { outputsOf } from "../../infra/outputs";

const FLEET = {
  prefix: "shopify/test",
  place: output({}),
  stores: { acme: output({}) },
  kmsKeyArn: output("arn:key"),
  refreshKeyArn: undefined,
  enrolFunctionName: output("enrol"),
  rotationFunctionName: output("rotate"),
  sweepFunctionName: output("sweep"),
  installBaseUrl: undefined,
  noticeTopicArn: undefined,
} as unknown as ProvisionedFleet;

test("what does not apply to a fleet is no output of its stack", () => {
  expect(Object.keys(outputsOf(FLEET)).sort()).toEqual([
    "enrolFunctionName",
    "kmsKeyArn",
    "prefix",
    "rotationFunctionName",
    "stores",
    "sweepFunctionName",
  ]);
});

test("a fleet with everything tells where the install endpoint's callback and webhooks are", async () => {
  const outputs = outputsOf({
    ...FLEET,
    refreshKeyArn: output("arn:refresh-key"),
    installBaseUrl: output("https://install.example.com"),
    noticeTopicArn: output("arn:topic"),
  });
  expect(Object.keys(outputs)).toHaveLength(11);
  const told = ["callbackUrl", "webhooksUrl"].map(
    (name) => new Promise((resolve) => (outputs[name] as Output<unknown>).apply(resolve)),
  );
  expect(await Promise.all(told)).toEqual([
    "https://install.example.com/callback",
    "https://install.example.com/webhooks",
  ]);
});
