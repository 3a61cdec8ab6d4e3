import { KINDS } from "../../contract/kinds";
import { type Part, table } from "../part";
import { countResources, MOST_RESOURCES } from "./count";

/** How many AWS resources a stack holds: the engine writes its whole state at each step, and each takes part. */
export const resourcesPart: Part = {
  title: "Resources of a stack",
  packages: ["@pulumi/pulumi", "@pulumi/aws"],
  async run() {
    const { perStore, perApp, shared, alarms } = await countResources();
    return table([
      ["what", "resources", "at most"],
      ...KINDS.map((kind) => [
        `each \`${kind}\` store`,
        `${perStore[kind]}`,
        `${MOST_RESOURCES.perStore[kind]}`,
      ]),
      ["each app", `${perApp}`, ""],
      [
        "shared: every function, the install endpoint, both keys",
        `${shared}`,
        `${MOST_RESOURCES.shared}`,
      ],
      ["alarms and notices, when config asks for them", `${alarms}`, ""],
    ]);
  },
};
