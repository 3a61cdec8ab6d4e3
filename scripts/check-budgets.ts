import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { deflateRawSync } from "node:zlib";
import budgets from "./budgets.json";

const DIST = resolve(__dirname, "../dist");

/** A bundle against its budget, in bytes as a zip holds it. */
export interface BundleSize {
  readonly file: string;
  readonly zippedBytes: number;
  readonly budget: number;
}

/** What `budgets.json` names, measured: every kilobyte of a function is read at each cold start. */
export function bundleSizes(folder: string = DIST): BundleSize[] {
  return Object.entries(budgets).map(([file, budget]) => ({
    file,
    zippedBytes: deflateRawSync(readFileSync(join(folder, file)), { level: 9 }).byteLength,
    budget,
  }));
}

/** What to say of the bundles that are too large; empty: none is. */
export function complaintsAbout(sizes: readonly BundleSize[]): string[] {
  return sizes
    .filter(({ zippedBytes, budget }) => zippedBytes > budget)
    .map(
      ({ file, zippedBytes, budget }) =>
        `dist/${file} has ${zippedBytes} bytes zipped, ${zippedBytes - budget} more than scripts/budgets.json allows: ` +
        "leave something out, or raise the budget in a commit that says what it buys",
    );
}

function main(): void {
  const sizes = bundleSizes();
  const complaints = complaintsAbout(sizes);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  if (complaints.length > 0) process.exitCode = 1;
  else process.stdout.write(`${sizes.length} bundles are within their budgets\n`);
}

if (require.main === module) main();
