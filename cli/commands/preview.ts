import type { Wrapper } from "../command";
import { runPreview } from "../preview/preview";

/** `preview`: what `pulumi preview` means for stores; the only verb that needs Pulumi. */
export const preview: Wrapper = {
  name: "preview",
  usage: "[options of pulumi preview]",
  summary: "run pulumi preview and say what it means for stores; 3 when one would lose its secret",
  around: "pulumi preview",
  wrap: runPreview,
};
