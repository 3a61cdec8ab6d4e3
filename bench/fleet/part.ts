import { momentLine, type Part, table } from "../part";
import { type Burden, PROGRAMS, type Program } from "./burden";
import {
  DEEDS,
  type Deed,
  hasCheckpoints,
  type Measured,
  MOST_WITH_CHECKPOINTS,
  measureOurs,
  measureProgram,
} from "./ways";

const QUICK_SIZES = [10];
const SIZES = [10, 100, 300, 1_000, 2_000];
/** What a look needs. */
const QUICK_DEEDS: readonly Deed[] = ["up", "no-op up", "destroy"];
/** A secret without a description, in the state. */
const BARE_BYTES = 1_300;
/** The longest description that Secrets Manager takes (CreateSecret, Description). */
const LONGEST = 2_048;

/** A whole fleet in one stack, on the real engine and the file backend. */
export const fleetPart: Part = {
  title: "A fleet in one stack",
  packages: ["@pulumi/pulumi", "@pulumi/aws"],
  async run({ isQuick, sizes = isQuick ? QUICK_SIZES : SIZES }) {
    const deeds = isQuick ? QUICK_DEEDS : DEEDS;
    const sections: string[] = [];
    for (const stores of sizes) {
      const ways = await sideBySide(stores, deeds);
      sections.push(sectionOf(ways, deeds));
    }
    return [INTRODUCTION, ...sections].join("\n\n");
  },
};

const INTRODUCTION = [
  "On the real engine with its file backend, in the local world, which stands in for the provider and AWS: so the engine's and the program's columns are",
  "real, and the provider's and the wall time are the stand-in's. *Bare*: as many secrets as our stack has resources, with descriptions that make the state as heavy",
  "(`bench/fleet/programs/bare`), and one more is as many as our store has. *Naive*: a secret, its value, its policy and its rotation for each store (`bench/fleet/programs/naive`); its tokens stand in the",
  "state, nothing obtains or tries them, and nothing tells when one dies. Ours has stores of all four kinds. One run each; processor seconds, read every 50 ms.",
  "",
  "The file backend writes the whole state before and after each resource, so what an `up` or a `destroy` of many resources takes grows with the square of the state,",
  `whoever declares them. Beyond ${MOST_WITH_CHECKPOINTS} stores these runs had that switched off (\`PULUMI_SKIP_CHECKPOINTS\`, an experiment of the engine's: a run that is killed then`,
  "forgets what it made), so that the engine's other work is seen. Backends that take what changed (Pulumi Cloud) do not grow so.",
].join("\n");

async function sideBySide(stores: number, deeds: readonly Deed[]): Promise<Measured[]> {
  const ours = await measureOurs(stores, deeds);
  const heavy = ours.stateBytes / ours.resources;
  // It stands twice in the state, among the inputs and the outputs.
  const padding = Math.min(LONGEST, Math.max(1, Math.round((heavy - BARE_BYTES) / 2)));
  const bare = {
    title: "bare resources",
    stores,
    count: ours.resources,
    padding,
    grows: Math.max(1, ours.grewBy),
  };
  const naive = { title: "naive program", stores, count: stores, padding: 0, grows: 1 };
  return [
    ours,
    await measureProgram("bare", bare, deeds),
    await measureProgram("naive", naive, deeds),
  ];
}

function sectionOf(ways: readonly Measured[], deeds: readonly Deed[]): string {
  const [ours] = ways;
  return [
    `### ${ours?.stores} stores${hasCheckpoints(ours?.stores ?? 0) ? "" : ", without checkpoints"}`,
    "",
    momentLine(),
    "",
    stateTable(ways),
    "",
    `Engine's processor seconds, and its ratio to the bare resources':`,
    "",
    cpuTable(ways, deeds),
    "",
    "Wall seconds, and the most memory of engine, program and provider:",
    "",
    wallTable(ways, deeds),
  ].join("\n");
}

function stateTable(ways: readonly Measured[]): string {
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)} kB`;
  return table([
    ["", ...ways.map(({ title }) => title)],
    ["resources in the state", ...ways.map(({ resources }) => `${resources}`)],
    ["state", ...ways.map(({ stateBytes }) => kilobytes(stateBytes))],
    ["state a resource", ...ways.map((way) => `${Math.round(way.stateBytes / way.resources)} B`)],
  ]);
}

function cpuTable(ways: readonly Measured[], deeds: readonly Deed[]): string {
  const bare = ways.find(({ title }) => title === "bare resources");
  return table([
    ["", ...ways.map(({ title }) => title)],
    ...deeds.map((deed) => [
      deed,
      ...ways.map((way) => {
        const seconds = burdenOf(way, deed, "engine").cpuSeconds;
        const floor = bare === undefined ? Number.NaN : burdenOf(bare, deed, "engine").cpuSeconds;
        return `${seconds.toFixed(1)} (${(seconds / floor).toFixed(2)})`;
      }),
    ]),
  ]);
}

function wallTable(ways: readonly Measured[], deeds: readonly Deed[]): string {
  return table([
    ["", ...ways.map(({ title }) => title)],
    ...deeds.map((deed) => [
      deed,
      ...ways.map((way) => {
        const megabytes = PROGRAMS.map((program) =>
          Math.round(burdenOf(way, deed, program).peakMb),
        );
        return `${(way.taken[deed]?.wallSeconds ?? 0).toFixed(1)} s; ${megabytes.join(" / ")} MB`;
      }),
    ]),
  ]);
}

function burdenOf({ taken }: Measured, deed: Deed, program: Program): Burden {
  return taken[deed]?.burdens[program] ?? { cpuSeconds: 0, peakMb: 0 };
}
