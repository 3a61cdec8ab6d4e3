import {
  mostPairs,
  pairsOfQuota,
  RENEWALS_A_PASS,
  SWEEP_SECONDS,
  SWEEP_WRITES_A_SECOND,
  WRITES_A_RENEWAL,
} from "../../contract/capacity";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { type Part, table } from "../part";
import { type Burst, measureBurst, shareOfQuota } from "./burst";
import { WRITES_A_SECOND } from "./quota";
import { measurePasses, type Pass } from "./sweeps";

/** How long a page of ListSecrets takes, in seconds: our assumption, as for every call of AWS but with 100 secrets in it. */
const PAGE_SECONDS = 0.05;
/** Many stores at once: a burst of rotations under AWS's quota, and the pass of the sweep over a large fleet. */
export const runTimePart: Part = {
  title: "Many stores at once",
  packages: ["@aws-sdk/client-secrets-manager"],
  async run({ isQuick }) {
    const burst = await measureBurst(isQuick ? 200 : 1_000);
    const passes = await measurePasses(isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000]);
    return [burstText(burst), passesText(passes), pairsText()].join("\n\n");
  },
};

function burstText(burst: Burst): string {
  const seconds = (value: number) => `${value.toFixed(0)} s`;
  const refused = Object.entries(burst.refused).map(
    ([operation, count]) => `${operation} ${count}`,
  );
  return [
    `### A burst: ${burst.stores} client-credentials stores due in the same moment`,
    "",
    "The built rotate function in virtual time (`test/simulation`), calls of AWS and Shopify taking their time, up to a thousand processes at once, and",
    `Secrets Manager refusing what goes beyond ${WRITES_A_SECOND} writes of values and labels a second (an account's, and nobody can raise it) and ${WRITES_A_SECOND} of tags.`,
    "",
    table([
      [
        "half have their new token",
        "nine tenths",
        "all",
        "share of the quota",
        "refused by AWS",
        "rotations begun again",
        "lost",
      ],
      [
        seconds(burst.seconds.half),
        seconds(burst.seconds.most),
        seconds(burst.seconds.all),
        `${(shareOfQuota(burst) * 100).toFixed(0)} %`,
        refused.join(", ") || "0",
        `${burst.triedAgain}`,
        `${burst.lost}`,
      ],
    ]),
  ].join("\n");
}

function passesText(passes: readonly Pass[]): string {
  return [
    "### A pass of the sweep, nothing due",
    "",
    `Wall time is the processor's and ${PAGE_SECONDS * 1_000} ms for each page of the list, one after another; the function has ${SWEEP_SECONDS} s.`,
    "",
    table([
      ["stores listed", "ListSecrets", "other calls", "processor", "memory", "wall time"],
      ...passes.map((pass) => [
        pass.stores.toLocaleString("en"),
        `${pass.pages}`,
        `${pass.others}`,
        `${pass.cpuSeconds.toFixed(2)} s`,
        pass.heapMb < 10 ? "under 10 MB" : `${pass.heapMb.toFixed(0)} MB`,
        `${(pass.cpuSeconds + pass.pages * PAGE_SECONDS).toFixed(1)} s`,
      ]),
    ]),
  ].join("\n");
}

function pairsText(): string {
  const most = mostPairs(SWEEP_EVERY_MS);
  const number = (value: number) => value.toLocaleString("en");
  return [
    "### How many one-hour pairs an account and region can carry",
    "",
    `By arithmetic: each renewal writes ${WRITES_A_RENEWAL} of the ${WRITES_A_SECOND} a second, and each pair is renewed every 30 minutes, so ${number(pairsOfQuota(WRITES_A_SECOND))} pairs would take the whole quota. The sweep`,
    `keeps to ${SWEEP_WRITES_A_SECOND} writes a second, so that rotations and deployments have room: ${number(RENEWALS_A_PASS)} renewals in a pass of ${SWEEP_SECONDS} s, three passes in half an hour, ${number(most)} pairs; a stack with more is refused.`,
    `Plan with ${number(Math.floor((2.5 * RENEWALS_A_PASS) / 1_000) * 1_000)} a region, which leaves room for a pass that fails; beyond, take a second region or account.`,
  ].join("\n");
}
