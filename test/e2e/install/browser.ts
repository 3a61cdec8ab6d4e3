import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
const APT = "/usr/bin/apt-get";
const APT_TIMEOUT_MS = 300_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** The browser of this machine: `CHROMIUM`, else the first on the PATH; undefined: there is none. */
export function findBrowser(environment: Environment = process.env): string | undefined {
  const chosen = environment["CHROMIUM"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const folders = (environment["PATH"] ?? "").split(delimiter);
  return folders
    .flatMap((folder) => PROGRAMS.map((program) => join(folder, program)))
    .find((file) => existsSync(file));
}

/** The browser of this machine; on a Debian that may be changed, as in a container of CI, it is installed. */
function ensureBrowser(): string {
  const found = findBrowser();
  if (found !== undefined) return found;
  const mayInstall = process.getuid?.() === 0 && existsSync(APT);
  if (mayInstall) {
    spawnSync(APT, ["update", "-q"], { timeout: APT_TIMEOUT_MS });
    spawnSync(APT, ["install", "-q", "-y", "--no-install-recommends", "chromium"], {
      timeout: APT_TIMEOUT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  }
  const installed = findBrowser();
  if (installed !== undefined) return installed;
  throw new Error(
    "this test needs a Chromium: apt-get install chromium, or set CHROMIUM to the program's path",
  );
}

/** A headless browser whose resolver knows the world's hosts, each pattern at a loopback port. */
export function startBrowser(hosts: Readonly<Record<string, number>>): Promise<Browser> {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  return chromium.launch({
    executablePath: ensureBrowser(),
    timeout: 0, // a busy machine takes its time; the test's own limit ends a standstill
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
