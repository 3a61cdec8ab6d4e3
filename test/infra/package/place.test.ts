import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { PackageSpec } from "../../../infra/package/given";
import { construct } from "../../../infra/package/provider";
import { SCHEMA_FILE } from "../../../scripts/build-schema";

const spec = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as PackageSpec;
const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["Fleet", { stores: { heritage: HERITAGE } }],
  ["StackKey", { prefix: "shops/dev", readers: [] }],
])(
  "a %s without credentials is told of in one line, and nothing else fails",
  async (kind, given) => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", hear);
    const registered: string[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ name }) => {
        registered.push(name);
        return { id: name, state: {} };
      },
      call: () => {
        throw new Error("Could not load credentials from any providers");
      },
    });
    const type = `shopify-secrets:index:${kind}`;
    const refusal = await construct(spec, { type, name: "shops", given, opts: {} }).catch(
      (error: unknown) => error,
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", hear);
    expect(pulumi.RunError.isInstance(refusal)).toBe(true);
    expect((refusal as Error).message).toMatch(
      /^AWS does not say which account and region this is: .*\. Next: aws sts get-caller-identity/,
    );
    expect({ unhandled, registered }).toEqual({ unhandled: [], registered: [] });
  },
);
