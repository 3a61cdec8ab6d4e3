import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { grafanaDashboard } from "../infra/dashboard/grafana";

/** Where the pictures for Grafana lie, in the repository and in the package. */
export const GRAFANA_FILE = join(__dirname, "..", "docs", "grafana-dashboard.json");

/** The file's text. */
export function grafanaText(): string {
  return `${JSON.stringify(grafanaDashboard(), null, 2)}\n`;
}

if (require.main === module) writeFileSync(GRAFANA_FILE, grafanaText());
