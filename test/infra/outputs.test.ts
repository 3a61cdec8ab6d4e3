import { type Output, output } from "@pulumi/pulumi";
import type { ProvisionedFleet } from "../../infra/fleet";
import { outputsOf, tellsReaderPolicies } from "../../infra/outputs";

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

describe("the policies of readers", () => {
  const ACME = { secretArn: "arn:acme", kind: "custom-app", readerPolicy: "{}" };
  const fleet = { ...FLEET, stores: { acme: output(ACME) } } as unknown as ProvisionedFleet;
  const acmeIn = (outputs: ReturnType<typeof outputsOf>) =>
    new Promise((resolve) =>
      (outputs["stores"] as Readonly<Record<string, Output<unknown>>>)["acme"]?.apply(resolve),
    );

  test("are no part of the output, in which the engine prints 40 lines of each after the errors", async () => {
    expect(await acmeIn(outputsOf(fleet))).toEqual({ secretArn: "arn:acme", kind: "custom-app" });
  });

  test("are told when they are asked for", async () => {
    expect(await acmeIn(outputsOf(fleet, { readerPolicies: true }))).toEqual(ACME);
  });

  const toldLast = (stores?: object) => async () => (stores === undefined ? {} : { stores });

  test.each([
    ["a new stack", [undefined, toldLast()], false],
    ["a stack that told them", [undefined, toldLast({ acme: ACME })], true],
    ["a stack that told none", [undefined, toldLast({ acme: { secretArn: "arn:acme" } })], false],
    ["a stack that told them and shall not", [false, toldLast({ acme: ACME })], false],
    ["a new stack that shall", [true, toldLast()], true],
  ] as const)("are told or not: %s", async (_which, [readerPolicies, lastOutputs], tells) => {
    expect(await tellsReaderPolicies({ readerPolicies }, lastOutputs)).toBe(tells);
  });
});
