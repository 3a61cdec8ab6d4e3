import * as pulumi from "@pulumi/pulumi";

/**
 * An error that stops the program with its text alone; every one of ours is made here.
 *
 * Pulumi prints no stack of it, but inspects it in colours, and Node from 20.19.6 until its fix of June 2026 goes round in
 * circles over the frame of the SDK's own `resource.ts` (nodejs/node#64011), until half a gigabyte is full, some 20 seconds
 * later. So it has none.
 */
export function plainRefusal(text: string): pulumi.RunError {
  const refusal = new pulumi.RunError(text);
  refusal.stack = "";
  return refusal;
}
