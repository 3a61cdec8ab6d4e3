import { parseArgs } from "node:util";
import { liveAtScale } from "./at-scale";
import { liveThroughLargeFleet } from "./large-fleet";
import { product } from "./live-through";

const USAGE = `npm run simulate:fleet -- [options]

Lives through days of a fleet whose sweep sends its work to workers, and says what became of it.

  --credentials <n>  stores of 24 hours (default 1800)
  --pairs <n>        pairs of one hour (default 200)
  --days <n>         (default 1)
  --seed <n>         (default 1)
  --outage <n>       minutes of outage of Shopify's token endpoint, once a day (default 20)
  --whole            call by call, with the whole product; else the plan is the product's and the rest are times and quotas
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      credentials: { type: "string" },
      pairs: { type: "string" },
      days: { type: "string" },
      seed: { type: "string" },
      outage: { type: "string" },
      whole: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const fleet = {
    seed: Number(values.seed ?? 1),
    credentials: Number(values.credentials ?? 1_800),
    pairs: Number(values.pairs ?? 200),
  };
  const days = Number(values.days ?? 1);
  const outageMinutes = Number(values.outage ?? 20);
  const end = values.whole
    ? await liveThroughLargeFleet({
        ...fleet,
        product: await product(),
        hours: days * 24,
        outage: { from: days * 8, hours: outageMinutes / 60 },
      })
    : await liveAtScale({ ...fleet, hours: days * 24, outageMinutes, outageHour: 12 });
  process.stdout.write(`${JSON.stringify(end, undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : "the simulation failed"}\n`);
  process.exitCode = 1;
});
