import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/** The browser of this machine: `CHROMIUM`, else the first on the PATH. */
export function findBrowser(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const chosen = environment["CHROMIUM"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const folders = (environment["PATH"] ?? "").split(delimiter);
  const found = folders
    .flatMap((folder) => PROGRAMS.map((program) => join(folder, program)))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    "this test needs a Chromium: apt-get install chromium, or set CHROMIUM to the program's path",
  );
}

/** A headless browser whose resolver knows the world's hosts, each pattern at a loopback port. */
export function startBrowser(hosts: Readonly<Record<string, number>>): Promise<Browser> {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      `--host-resolver-rules=${rules.join(", ")}`,
      // The world's certificates come from throw-away authorities.
      "--ignore-certificate-errors",
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-gpu",
    ],
  });
}
