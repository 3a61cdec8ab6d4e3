import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap } from "./node";
import { readYaml } from "./yaml-text";

/** The file that a stack's config stands in, as far as it can be found: nobody tells of `--config-file`. */
export interface StackFile {
  /** Its path from the project's folder. */
  readonly name: string;
  /** Undefined: it is not there, or cannot be read. */
  readonly text: string | undefined;
}

/** The engine's own names of a project's file; the stack's file ends as that does. */
const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"] as const;

/** Finds the stack's file where the engine looks for it: `stackConfigDir` of the project's file may move it. */
export function findStackFile(projectFolder: string, stack: string): StackFile {
  const project = PROJECT_FILES.find((name) => existsSync(join(projectFolder, name)));
  const ending = (project ?? PROJECT_FILES[0]).slice("Pulumi".length);
  const folder = project === undefined ? "" : configFolderIn(textOf(join(projectFolder, project)));
  const name = join(folder, `Pulumi.${stack}${ending}`);
  return { name, text: textOf(join(projectFolder, name)) };
}

/** `config` was the folder's key until it became that of config for all stacks. */
function configFolderIn(projectText: string | undefined): string {
  const reading = readYaml(projectText ?? "");
  const project = "value" in reading && isMap(reading.value) ? reading.value : {};
  const named = [project["stackConfigDir"], project["config"]];
  return named.find((folder) => typeof folder === "string") ?? "";
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
