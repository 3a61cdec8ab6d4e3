import { FUNCTION_ROLES, logGroupName } from "../../contract/names";
import { COLUMNS, HEADER_HEIGHT } from "./arrange";
import type { DashboardSubject, Widget } from "./widget";

/** The consoles of the partitions (AWS General Reference, "Partitions"). */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: "console.aws.amazon.com",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** What stands above the pictures: whose they are, the first command, and the way to what they are made of. */
export function headerOf(subject: DashboardSubject): Widget {
  const { prefix } = subject;
  const markdown = [
    `## Shopify tokens of \`${prefix}\``,
    `First, always: \`shopify-secrets status --prefix ${prefix}\`. Each alarm and each code has a section in docs/operations.md: what it means, whose it is, what to do next.`,
    linksOf(subject).join(" · "),
  ].join("\n\n");
  return {
    type: "text",
    x: 0,
    y: 0,
    width: COLUMNS,
    height: HEADER_HEIGHT,
    properties: { markdown },
  };
}

function linksOf({ place, prefix, functions }: DashboardSubject): string[] {
  const { partition, region } = place;
  const console = `https://${region}.${CONSOLES[partition] ?? CONSOLES["aws"]}`;
  const logs = FUNCTION_ROLES.filter((role) => functions.includes(role)).map((role) => {
    const group = inConsole(logGroupName(prefix, role));
    return `[Logs of ${role}](${console}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group})`;
  });
  const search = encodeURIComponent(`name=${prefix}/`);
  const secrets = `[Secrets](${console}/secretsmanager/listsecrets?region=${region}&search=${search})`;
  const schedule = `[Schedule of the sweep](${console}/scheduler/home?region=${region}#schedules)`;
  return [secrets, ...logs, schedule];
}

/** The console escapes the escapes of what stands after its `#`. */
const inConsole = (text: string) => encodeURIComponent(text).replaceAll("%", "$25");
