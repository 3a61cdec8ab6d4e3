import { expandScopes } from "./scopes";

/** A field of a GraphQL selection; arguments are read over. */
export interface Selection {
  readonly name: string;
  readonly as: string;
  readonly fields: readonly Selection[];
}

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: { readonly code: string } & Readonly<Record<string, unknown>>;
}

export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: readonly GraphqlError[];
}

/** What the small schema can answer from. */
export interface GraphqlSubject {
  readonly scopes: readonly string[];
  readonly shop: Readonly<Record<string, unknown>>;
  readonly installation: Readonly<Record<string, unknown>>;
}

interface RootField {
  readonly scope?: string;
  value(subject: GraphqlSubject): unknown;
}

const ROOT: Readonly<Record<string, RootField>> = {
  shop: { value: (subject) => subject.shop },
  currentAppInstallation: { value: (subject) => subject.installation },
  products: { scope: "read_products", value: () => ({ nodes: [], edges: [] }) },
  orders: { scope: "read_orders", value: () => ({ nodes: [], edges: [] }) },
};

const TOKEN =
  /\s+|,|#[^\n]*|(\.\.\.|[{}():!@=|&$[\]]|"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|-?\d[\w.+-]*)/gy;

/** Answers a query over the few fields that the imitation knows; everything else is a GraphQL error. */
export function answerGraphql(query: string, subject: GraphqlSubject): GraphqlResult {
  const selections = parseQuery(query);
  if (selections === undefined)
    return { errors: [problem("syntax error, unexpected end of file", "parseError")] };
  const denied = selections.filter(({ name }) => lacksScope(ROOT[name], subject));
  const errors = [
    ...selections.flatMap((field) => unknownFields(field, subject)),
    ...denied.map(accessDenied),
  ];
  if (errors.some(({ extensions }) => extensions.code === "undefinedField")) return { errors };
  const data = Object.fromEntries(
    selections.map((field) => [
      field.as,
      denied.includes(field) ? null : rootValue(field, subject),
    ]),
  );
  return errors.length === 0 ? { data } : { data, errors };
}

/** The top-level fields of the one operation of a document, or undefined when it cannot be read. */
export function parseQuery(query: string): Selection[] | undefined {
  const tokens = tokenize(query);
  const start = tokens?.indexOf("{") ?? -1;
  if (tokens === undefined || start < 0) return undefined;
  const cursor = { tokens, at: start + 1 };
  const selections = readSelections(cursor);
  return cursor.at === tokens.length ? selections : undefined;
}

function tokenize(query: string): string[] | undefined {
  const tokens: string[] = [];
  let end = 0;
  for (const match of query.matchAll(TOKEN)) {
    if (match[1] !== undefined) tokens.push(match[1]);
    end = match.index + match[0].length;
  }
  return end === query.length ? tokens : undefined;
}

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function readSelections(cursor: Cursor): Selection[] | undefined {
  const selections: Selection[] = [];
  while (cursor.at < cursor.tokens.length) {
    if (take(cursor, "}")) return selections;
    const field = readField(cursor);
    if (field === undefined) return undefined;
    selections.push(field);
  }
  return undefined;
}

function readField(cursor: Cursor): Selection | undefined {
  const first = cursor.tokens[cursor.at++] ?? "";
  if (!/^[A-Za-z_]/.test(first)) return undefined;
  const name = take(cursor, ":") ? (cursor.tokens[cursor.at++] ?? "") : first;
  skipArguments(cursor);
  const fields = take(cursor, "{") ? readSelections(cursor) : [];
  return fields === undefined ? undefined : { name, as: first, fields };
}

function skipArguments(cursor: Cursor): void {
  if (cursor.tokens[cursor.at] !== "(") return;
  let depth = 0;
  do {
    const token = cursor.tokens[cursor.at++];
    if (token === "(") depth++;
    if (token === ")") depth--;
  } while (depth > 0 && cursor.at < cursor.tokens.length);
}

function take(cursor: Cursor, token: string): boolean {
  if (cursor.tokens[cursor.at] !== token) return false;
  cursor.at++;
  return true;
}

function lacksScope(field: RootField | undefined, subject: GraphqlSubject): boolean {
  return field?.scope !== undefined && !expandScopes(subject.scopes).includes(field.scope);
}

function rootValue(field: Selection, subject: GraphqlSubject): unknown {
  return field.name === "__typename"
    ? "QueryRoot"
    : project(ROOT[field.name]?.value(subject), field.fields);
}

function project(value: unknown, fields: readonly Selection[]): unknown {
  if (Array.isArray(value)) return value.map((item) => project(item, fields));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    fields.map((field) => [field.as, project(value[field.name], field.fields)]),
  );
}

function unknownFields(field: Selection, subject: GraphqlSubject): GraphqlError[] {
  if (field.name === "__typename") return [];
  if (!Object.hasOwn(ROOT, field.name)) return [undefinedField(field.name, "QueryRoot")];
  return unknownBelow(ROOT[field.name]?.value(subject), field);
}

function unknownBelow(value: unknown, parent: Selection): GraphqlError[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((item) => unknownBelow(item, parent));
  if (!isObject(value)) return [];
  return parent.fields.flatMap((field) =>
    Object.hasOwn(value, field.name)
      ? unknownBelow(value[field.name], field)
      : [undefinedField(field.name, parent.name)],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function undefinedField(name: string, parent: string): GraphqlError {
  return problem(`Field '${name}' doesn't exist on type '${parent}'`, "undefinedField");
}

function accessDenied(field: Selection): GraphqlError {
  const scope = ROOT[field.name]?.scope ?? "";
  return {
    message: `Access denied for ${field.name} field. Required access: \`${scope}\` access scope.`,
    path: [field.as],
    extensions: { code: "ACCESS_DENIED", requiredAccess: `\`${scope}\` access scope.` },
  };
}

function problem(message: string, code: string): GraphqlError {
  return { message, extensions: { code } };
}
