import * as pulumi from "@pulumi/pulumi";
import { unlessFailed } from "../../../infra/components/unless-failed";

/** What the engine gives for a resource that failed, or is only planned. */
const UNKNOWN = pulumi.output(pulumi.unknown as unknown as string);

const known = (output: pulumi.Output<string>) =>
  new Promise<string>((resolve) => void output.apply(resolve));

async function inMode(isPreview: boolean): Promise<void> {
  const mocks = {
    newResource: () => ({ id: "", state: {} }),
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "shopify-secrets", "test", isPreview);
}

test("in up, what a failed resource would have said is something harmless", async () => {
  await inMode(false);
  expect(await known(unlessFailed(UNKNOWN, "harmless"))).toBe("harmless");
});

test("what is known stays, and a secret stays one", async () => {
  await inMode(false);
  const secret = pulumi.secret("arn");
  const same = unlessFailed(secret, "harmless");
  expect(await known(same)).toBe("arn");
  expect(await pulumi.isSecret(same)).toBe(true);
});

test("a preview leaves unknown what is not known yet", async () => {
  await inMode(true);
  expect(unlessFailed(UNKNOWN, "harmless")).toBe(UNKNOWN);
});
