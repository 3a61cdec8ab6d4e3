import * as pulumi from "@pulumi/pulumi";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { STATUS_TAG_PREFIX } from "../../contract/store/status";

const NOTICE = `the aws provider does not ignore tags that begin with ${STATUS_TAG_PREFIX}: the functions write the stores' status there, and Pulumi would take it away. Give the provider ignoreTags: { keyPrefixes: ["${STATUS_TAG_PREFIX}"] } (config: aws:ignoreTags)`;

const TOLD = new Set<pulumi.ProviderResource | "default">();

/** Warns, once for each provider, when a component's provider does not leave the status tags alone. */
export function warnUnlessStatusTagsAreIgnored(component: pulumi.ComponentResource): void {
  const provider = component.getProvider("aws:secretsmanager/secret:Secret");
  if (TOLD.has(provider ?? "default")) return;
  TOLD.add(provider ?? "default");
  const ignored = ignoredTagsOf(provider);
  const isTold = settled(ignored).then((value) => {
    if (!ignores(value)) void pulumi.log.warn(NOTICE, component);
  });
  void isTold.catch(() => undefined); // a provider that fails tells its own story
}

/**
 * What an output holds; undefined when that is unknown.
 *
 * At the preview of a new provider every argument that it was not given is unknown, and `apply` would never run.
 */
async function settled<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  const inner = output as unknown as { isKnown: Promise<boolean>; promise(): Promise<T> };
  return (await inner.isKnown) ? await inner.promise() : undefined;
}

// The SDK keeps a provider's arguments as outputs on it, as JSON, and types only the textual ones.
function ignoredTagsOf(
  provider: pulumi.ProviderResource | undefined,
): pulumi.Output<string | object | undefined> {
  if (provider === undefined) {
    return pulumi.output(new pulumi.Config("aws").getObject<object>("ignoreTags"));
  }
  return pulumi.output((provider as { readonly ignoreTags?: pulumi.Output<string> }).ignoreTags);
}

function ignores(ignored: unknown): boolean {
  const value = typeof ignored === "string" ? parseJsonQuietly(ignored) : ignored;
  if (typeof value !== "object" || value === null || !("keyPrefixes" in value)) return false;
  const { keyPrefixes } = value;
  return (
    Array.isArray(keyPrefixes) && keyPrefixes.some((prefix) => isHeadOf(STATUS_TAG_PREFIX, prefix))
  );
}

function isHeadOf(text: string, head: unknown): boolean {
  return typeof head === "string" && head !== "" && text.startsWith(head);
}
