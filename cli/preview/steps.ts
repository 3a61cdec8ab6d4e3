import { parseJsonQuietly } from "../../contract/quiet-json";

/** What Pulumi would do with one resource. */
export interface Step {
  /** Pulumi's word: `create`, `update`, `delete`, `replace`, `same` … */
  readonly op: string;
  /** The type token, such as `aws:secretsmanager/secret:Secret`. */
  readonly type: string;
  readonly name: string;
  /** Whether it is a part of a store. */
  readonly ofStore: boolean;
  /** What changes, as paths of inputs such as `triggers.scopes`. */
  readonly changed: readonly string[];
  /** The name in AWS; empty where it has none or nobody knows it yet. */
  readonly physicalName: string;
  /** The file that is uploaded; undefined: none is. */
  readonly upload?: string;
}

const STORE_COMPONENT = "shopify-secrets:index:StoreSecret$";

/** The steps in the output of `pulumi preview --json`; undefined when it is none. */
export function parsePreview(text: string): Step[] | undefined {
  const preview = parseJsonQuietly(text);
  if (!isMap(preview) || !Array.isArray(preview["steps"])) return undefined;
  return preview["steps"].flatMap((step: unknown) => (isMap(step) ? (stepOf(step) ?? []) : []));
}

/** The texts of errors in the output of `pulumi preview --json`. */
export function errorsIn(text: string): string[] {
  return diagnosticsIn(text, "error");
}

/** The texts of warnings there, each once: the program's own, and its resources'. */
export function warningsIn(text: string): string[] {
  return [...new Set(diagnosticsIn(text, "warning"))];
}

function diagnosticsIn(text: string, severity: "error" | "warning"): string[] {
  const preview = parseJsonQuietly(text);
  const diagnostics = isMap(preview) ? preview["diagnostics"] : undefined;
  if (!Array.isArray(diagnostics)) return [];
  return diagnostics.flatMap((one: unknown) =>
    isMap(one) && one["severity"] === severity ? [textOf(one["message"]).trim()] : [],
  );
}

function stepOf(step: Readonly<Record<string, unknown>>): Step | undefined {
  const [, , qualified = "", name = ""] = textOf(step["urn"]).split("::");
  if (name === "") return undefined;
  const inputs = mapOf(mapOf(step["newState"])["inputs"]);
  return {
    op: textOf(step["op"]),
    type: qualified.split("$").at(-1) ?? "",
    name,
    ofStore: qualified.includes(STORE_COMPONENT),
    changed: [
      ...new Set([...Object.keys(mapOf(step["detailedDiff"])), ...textsOf(step["diffReasons"])]),
    ].sort(),
    physicalName: textOf(inputs["name"]),
    ...uploadIn(inputs["source"]),
  };
}

/** The path of an asset. */
function uploadIn(source: unknown): Pick<Step, "upload"> {
  const path = textOf(mapOf(source)["path"]);
  return path === "" ? {} : { upload: path };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
