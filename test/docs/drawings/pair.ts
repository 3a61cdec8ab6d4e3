import { HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { FleetStand } from "../../lambda/stand/fleet-stand";

/** How long the drawing goes on after the merchant's approval. */
const SHOWN_MS = 1.6 * HOUR_MS;

/**
 * The life of a one-hour pair: what a fleet of one store really did under its sweeps. Each access token lives its hour,
 * and is replaced at half of it; the refresh token that brought it goes with the next renewal.
 */
export async function drawPair(): Promise<string> {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  const began = world.clock.now;
  const versions = new Map<string, { readonly from: number; readonly to: number }>();
  const note = async () => {
    const { versionId, record } = await world.currentOf("acme");
    versions.set(versionId, { from: record.issuedAt, to: record.expiresAt ?? 0 });
  };
  await note();
  await world.pass(SHOWN_MS, note);
  const at = (moment: number) =>
    new Date(Date.UTC(2026, 0, 5) + Math.round((moment - began) / MINUTE_MS) * MINUTE_MS)
      .toISOString()
      .slice(0, 16)
      .replace("T", " ");
  const pairs = [...versions.values()];
  const approval = pairs.slice(0, 1).map(({ from }) => from)[0] ?? began;
  return [
    "gantt",
    "    title A pair under a sweep every ten minutes",
    "    dateFormat YYYY-MM-DD HH:mm",
    "    axisFormat %H:%M",
    "    section Merchant",
    `    approves :milestone, ${at(approval)}, 0m`,
    "    section Access tokens",
    ...pairs.map(({ from, to }, index) => `    token ${index + 1} :active, ${at(from)}, ${at(to)}`),
    "    section AWSCURRENT",
    ...pairs.map(({ from, to }, index) => {
      const until = pairs[index + 1]?.from ?? to;
      return `    pair ${index + 1} :done, ${at(from)}, ${at(until)}`;
    }),
  ].join("\n");
}
