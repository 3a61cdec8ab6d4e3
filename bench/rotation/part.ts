import { type Part, table } from "../part";
import { cellOf } from "../spread";
import { measureRotations, type Way } from "./rotations";

const DELAYS = { awsMs: 10, shopifyMs: 120 };

/** One renewal of a token, beside AWS's generic rotation template that was filled in for the same job. */
export const rotationPart: Part = {
  title: "Renewing a token",
  packages: ["@aws-sdk/client-secrets-manager"],
  async run({ isQuick }) {
    const ways = await measureRotations(isQuick ? 60 : 400, DELAYS);
    return [
      "All on the same model of Secrets Manager and the same imitation of Shopify, in one process, on a warm function. AWS's generic template",
      "(`SecretsManagerRotationTemplate`) is written line for line in `bench/rotation/template.ts`; its password becomes a client-credentials grant, its",
      "test a call with the new token. What it does not do: no status, no scopes, no parent, no repeated call, no code for an error.\n",
      waysTable(ways),
      `\nProcessor time includes the model's own. Wall time is with ${DELAYS.awsMs} ms for each call of AWS and ${DELAYS.shopifyMs} ms for each of Shopify.`,
      "Ours takes more of the processor (the record is parsed and checked at each step, the scopes are compared, each step has its log line) and less time.",
      "A warm function remembers an app's credential for five minutes, as long as the token that it renews was obtained by that very version: so in a burst the",
      "steps take five calls, and after a change of the client secret none goes back behind it. The template reads it each time.\n",
      "The calls in order:\n",
      table([["", "calls"], ...ways.map(({ title, calls }) => [title, inWords(calls)])]),
    ].join("\n");
  },
};

function waysTable(ways: readonly Way[]): string {
  const [base] = ways;
  const milliseconds = (value: number) => `${value.toFixed(2)} ms`;
  const whole = (value: number) => `${Math.round(value)} ms`;
  const rows = ways.map((way) => [
    way.title,
    ...(["secrets-manager", "kms", "shopify"] as const).map((target) => `${countOf(way, target)}`),
    (awsCallsOf(way) / awsCallsOf(base ?? way)).toFixed(2),
    cellOf(way.cpuMs, milliseconds),
    cellOf(way.wallMs, whole),
  ]);
  const head = [
    "",
    "Secrets Manager",
    "KMS",
    "Shopify",
    "AWS calls against the template",
    "processor time",
    "wall time",
  ];
  return table([head, ...rows]);
}

function countOf({ calls }: Way, target: Way["calls"][number]["target"]): number {
  return calls.filter((call) => call.target === target).length;
}

function awsCallsOf(way: Way): number {
  return countOf(way, "secrets-manager") + countOf(way, "kms");
}

function inWords(calls: Way["calls"]): string {
  return calls.map(({ operation }) => `\`${operation}\``).join(", ");
}
