import { KINDS } from "../../contract/kinds";
import { METRICS } from "../../contract/metrics";
import { type Part, table } from "../part";
import { type Asked, countAsked } from "./counted";
import { PRICES } from "./prices";

const SIZES = [10, 1_000, 100_000] as const;
const SWEEPS_A_MONTH = 6 * 24 * 30;
const PAGE_SIZE = 100;
/** Gigabytes and seconds of a step, a renewal, and a pass: memory as infra makes the functions, time as this page measures it. */
const STEP_GB_SECONDS = 0.25 * 0.1;
const RENEWAL_GB_SECONDS = 0.5 * 0.35;
const PASS_SECONDS = 1;
const PAGE_SECONDS = 0.05;
const SWEEP_GB = 0.5;
/** Reads of one process that calls all day, from the table of a steady day on this page. */
const READS_A_DAY = 360;

/** What a fleet costs a month, from the calls that were counted. */
export const costsPart: Part = {
  title: "What it costs",
  packages: [],
  async run() {
    const asked = await countAsked();
    return [
      "Dollars a month in us-east-1, without free tiers: counted calls of a quiet month times list prices. Logs come on top ($0.50 a GB; a rotation writes about 2 kB),",
      `and each application that reads all day (${dollars(READING_DOLLARS)} for each store that it reads). One app; the sweep every ten minutes; no alarms.\n`,
      table([
        ["a store and month", "Secrets Manager", "KMS", "renewals", "rotation steps"],
        ...KINDS.map((kind) => [
          `\`${kind}\``,
          ...[
            asked[kind].secretsManager,
            asked[kind].kms,
            asked[kind].renewals,
            asked[kind].rotationSteps,
          ].map((count) => count.toLocaleString("en")),
        ]),
      ]),
      "",
      table([
        ["all stores of one kind", ...SIZES.map((size) => `${size.toLocaleString("en")} stores`)],
        ...KINDS.map((kind) => [
          `\`${kind}\``,
          ...SIZES.map((size) => dollars(costOf(size, asked[kind]))),
        ]),
        ["of which nothing but secrets and keys", ...SIZES.map((size) => dollars(storageOf(size)))],
        [
          "the same records in a DynamoDB table of your own, sealed with KMS, renewed by the same functions: one-hour pairs",
          ...SIZES.map((size) => dollars(dynamoOf(size, asked["offline-expiring"]))),
        ],
      ]),
      "",
      "A table of your own is cheaper by the fee for each secret, and is what you take where that fee decides; then rotation, version labels, policies for each store,",
      "replicas and every consumer that reads Secrets Manager (ECS, External Secrets, the Lambda extension) are yours to build. Doppler and Infisical charge by person or",
      "machine identity and Pulumi ESC by secret and call, by plan; their prices could not be looked up where this page is written, so none is quoted: at $0.40, the fee of Secrets",
      "Manager, is what to compare a fee by secret with. None of the three obtains or renews a Shopify token, so that work would be yours beside each of them.\n",
      table([
        ["price", "dollars", "source (November 2026)"],
        ...Object.values(PRICES).map(({ dollars: price, per, source }) => [
          per,
          `${price >= 0.01 ? price : price.toExponential(3)}`,
          source,
        ]),
      ]),
    ].join("\n");
  },
};

function storageOf(stores: number): number {
  return (stores + 1) * PRICES.secretMonth.dollars + 2 * PRICES.keyMonth.dollars;
}

function costOf(stores: number, asked: Asked): number {
  const { secretsCall, kmsCall, lambdaCall, metricMonth } = PRICES;
  const pages = Math.ceil(stores / PAGE_SIZE);
  const lists = SWEEPS_A_MONTH * (pages + 1);
  return (
    storageOf(stores) +
    (stores * asked.secretsManager + lists) * secretsCall.dollars +
    // Secrets Manager's own decryptions and encryptions of a customer managed key are billed as well.
    stores * (asked.kms + asked.values) * kmsCall.dollars +
    (stores * asked.rotationSteps + SWEEPS_A_MONTH) * lambdaCall.dollars +
    runTimeOf(stores, asked, pages) +
    Object.keys(METRICS).length * metricMonth.dollars
  );
}

function runTimeOf(stores: number, asked: Asked, pages: number): number {
  const steps = stores * asked.rotationSteps * STEP_GB_SECONDS;
  const renewals = asked.rotationSteps > 0 ? 0 : stores * asked.renewals * RENEWAL_GB_SECONDS;
  const passes = SWEEPS_A_MONTH * (PASS_SECONDS + pages * PAGE_SECONDS) * SWEEP_GB;
  return (steps + renewals + passes) * PRICES.lambdaGbSecond.dollars;
}

/** A renewal reads, seals and writes its item twice; a list reads everything at each pass, a hundred items of 2 kB a query. */
function dynamoOf(stores: number, asked: Asked): number {
  const { dynamoRead, dynamoWrite, keyMonth, kmsCall, metricMonth } = PRICES;
  const pages = Math.ceil(stores / PAGE_SIZE);
  const reads = stores * (asked.renewals * 2 + SWEEPS_A_MONTH * 0.25);
  return (
    2 * keyMonth.dollars +
    reads * dynamoRead.dollars +
    stores * asked.renewals * 2 * 2 * dynamoWrite.dollars +
    stores * asked.renewals * 4 * kmsCall.dollars +
    runTimeOf(stores, asked, pages) +
    Object.keys(METRICS).length * metricMonth.dollars
  );
}

/** The reads of one application in a month, for one store. */
const READING_DOLLARS = READS_A_DAY * 30 * PRICES.secretsCall.dollars;

const dollars = (amount: number): string =>
  `$${amount.toLocaleString("en", { maximumFractionDigits: amount < 100 ? 2 : 0 })}`;
