import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap } from "../config/node";
import type { Spelling } from "../config/words";
import { readYaml } from "../config/yaml-text";

const AS_IT_IS: Spelling = (property) => property;
const CAPITALIZED: Spelling = (property) =>
  property.replace(/^[a-z]/, (first) => first.toUpperCase());

/** How the languages write properties, by the runtime of the program; the others as the schema does. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  dotnet: CAPITALIZED,
  go: CAPITALIZED,
  python: (property) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
};

/** How the program of a folder, or of one above it, writes properties: nobody tells a component's language. */
export function spellingOf(folder: string): Spelling {
  const file = join(folder, "Pulumi.yaml");
  if (existsSync(file)) return SPELLINGS[runtimeIn(readFileSync(file, "utf8"))] ?? AS_IT_IS;
  const above = dirname(folder);
  return above === folder ? AS_IT_IS : spellingOf(above);
}

function runtimeIn(text: string): string {
  const reading = readYaml(text);
  const project = "value" in reading && isMap(reading.value) ? reading.value : {};
  const { runtime } = project;
  return String(isMap(runtime) ? runtime["name"] : runtime);
}
