import type { Wrapper } from "../command";
import { runPreview } from "../preview/preview";

/** `preview`: what `pulumi preview` means for stores; the only verb that needs Pulumi. */
export const preview: Wrapper = {
  name: "preview",
  usage: "[options of pulumi preview]",
  summary: "run pulumi preview, and say what it means for stores",
  around: "pulumi preview",
  exitCodes: "Exit codes: 0 no store loses its secret, 3 one would, any other: the preview failed.",
  wrap: runPreview,
};
