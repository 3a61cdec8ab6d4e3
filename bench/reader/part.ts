import { type Part, table } from "../part";
import { cellOf, type Spread } from "../spread";
import { bundleSizes } from "./bundle-size";
import { cachedReads, type Times } from "./cached-read";
import { countsTable, dayTable } from "./counts";
import { LIBRARIES } from "./libraries";
import { memoryForStores } from "./memory";

const STORES_IN_MEMORY = 10_000;

/** Reading tokens with each library, side by side. */
export const readerPart: Part = {
  title: "Reading tokens",
  packages: [
    "@aws-sdk/client-secrets-manager",
    "@aws-lambda-powertools/parameters",
    "@middy/core",
    "@middy/secrets-manager",
  ],
  async run({ isQuick }) {
    // Times first, in a process that has done nothing else.
    const rounds = isQuick ? 101 : 601;
    const times = await cachedReads(rounds);
    const held = await memoryForStores(STORES_IN_MEMORY);
    return [
      `Every library at its own defaults, with the names of the secrets prepared for all. ${rounds} rounds of half a millisecond each, taking turns.`,
      differences(),
      "### From memory\n",
      "Times are of one read with the token ready for the header, or of one call with what the library has for a 401 around it, the application's own asynchronous call included.\n",
      timesTable(times),
      "\nWhat the reader's own calls are made of:\n",
      partsTable(times),
      "\n### Refused calls, and requests to Secrets Manager\n",
      "A store that has a live token at every moment, an application that calls, and an imitation of Shopify that counts its 401s. *Bare*: the application sends the token that it was given. *Safe*: with the library's answer to a 401 around the call. These counts are the same on every machine, and a test compares them with this page.\n",
      await countsTable(),
      "\nWithout trouble, a day of calls costs so many requests ($0.05 for 10,000):\n",
      await dayTable(),
      "\n### Size\n",
      await sizesTable(held),
    ].join("\n");
  },
};

function differences(): string {
  const rows = LIBRARIES.map(({ name, differs, after401 }) => [name, differs, after401]);
  return `\n${table([["library", "what is different about it", "after a 401"], ...rows])}\n`;
}

const head = () => ["", ...LIBRARIES.map(({ name }) => name)];

function timesTable({ reads, calls }: Times): string {
  const against = ([base]: readonly Spread[], all: readonly Spread[]) =>
    all.map(({ median }) => `${(median / (base?.median ?? Number.NaN)).toFixed(2)}`);
  return table([
    head(),
    ["read", ...reads.map((time) => cellOf(time, show))],
    ["against the reader's `token()`", ...against(reads, reads)],
    ["safe call", ...calls.map((time) => cellOf(time, show))],
    ["against the reader's `withToken()`", ...against(calls, calls)],
  ]);
}

function partsTable({ deps }: Times): string {
  const base = deps[0]?.time.median ?? Number.NaN;
  const rows = deps.map(({ title, time }) => [
    title,
    cellOf(time, show),
    (time.median / base).toFixed(2),
  ]);
  return table([["", "time", "against `token()`"], ...rows]);
}

function show(nanoseconds: number): string {
  if (nanoseconds >= 1e6) return `${(nanoseconds / 1e6).toFixed(1)} ms`;
  return nanoseconds >= 1e5
    ? `${Math.round(nanoseconds / 1e3)} µs`
    : `${Math.round(nanoseconds)} ns`;
}

async function sizesTable(held: readonly number[]): Promise<string> {
  const sizes = await bundleSizes(LIBRARIES);
  const kilo = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
  return table([
    head(),
    ["bundle, minified, beside the AWS client", ...sizes.map(({ alone }) => kilo(alone))],
    ["the same with the AWS client", ...sizes.map(({ whole }) => kilo(whole))],
    ["memory for 10,000 stores", ...held.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`)],
  ]);
}
