import { get } from "node:https";
import { isAddressRange } from "../../contract/allowlist";
import { SECOND_MS } from "../../contract/time";

/** AWS's own check service: it answers with the address that it was asked from, and nothing else. */
const CHECK_SERVICE = "https://checkip.amazonaws.com/";
const LONGEST_MS = 4 * SECOND_MS;
/** An address and a line end take less. */
const LONGEST_ANSWER = 64;

/** Asks which address the requests of this function come from; undefined: nobody could tell. */
export async function findOwnAddress(from = CHECK_SERVICE): Promise<string | undefined> {
  const text = await new Promise<string>((resolve) => {
    const asked = get(from, { signal: AbortSignal.timeout(LONGEST_MS) }, (reply) => {
      let heard = "";
      reply.setEncoding("utf8");
      reply.on("data", (part: string) => {
        heard += part;
        if (heard.length > LONGEST_ANSWER) asked.destroy();
      });
      reply.on("end", () => resolve(reply.statusCode === 200 ? heard : ""));
      reply.on("error", () => resolve(""));
    });
    asked.on("error", () => resolve(""));
  });
  const address = text.trim();
  return isAddressRange(address) ? address : undefined;
}
