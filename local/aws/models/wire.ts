import { parseXML } from "@aws-sdk/xml-builder";
import type { AwsReply, AwsRequest } from "../aws-request";
import {
  type Decoded,
  decodeJson,
  decodeMembers,
  decodeQuery,
  decodeText,
  decodeXml,
  decodeXmlMembers,
} from "./decode";
import type { Operation, ServiceModel, Shape, ShapeRef } from "./service-model";

/** The protocol that a request speaks; a service may speak several. */
export type Protocol = "json" | "query" | "rest-json" | "rest-xml";

export interface Call {
  readonly protocol: Protocol;
  readonly operation: string;
  /** The labels of the path, by member name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Which operation a request asks for; undefined when the model has none like it. */
export function callOf(model: ServiceModel, request: AwsRequest): Call | undefined {
  if (request.amzTarget !== "") {
    const operation = request.amzTarget.split(".").at(-1) ?? "";
    return operation in model.operations ? { protocol: "json", operation, labels: {} } : undefined;
  }
  const { protocol } = model.metadata;
  if (protocol === "rest-json" || protocol === "rest-xml") {
    return restCallOf({ model, protocol }, request);
  }
  const operation = formOf(request).get("Action") ?? "";
  return operation in model.operations ? { protocol: "query", operation, labels: {} } : undefined;
}

/** The input of a request, under the model's member names. */
export function inputOf(model: ServiceModel, call: Call, request: AwsRequest): Decoded {
  const ref = operationOf(model, call).input;
  if (ref === undefined) return { value: {}, unknown: [] };
  switch (call.protocol) {
    case "json":
      return decodeJson(model, ref, jsonOf(request.body));
    case "query":
      return decodeQuery(model, ref, formOf(request));
    case "rest-json":
    case "rest-xml":
      return restInputOf(structureOf(model, call, ref), call, request);
    default:
      return call.protocol satisfies never;
  }
}

/** The output in a reply that is no error, under the model's member names. */
export function outputOf(model: ServiceModel, call: Call, reply: AwsReply): Decoded {
  const ref = operationOf(model, call).output;
  if (ref === undefined) return { value: {}, unknown: [] };
  switch (call.protocol) {
    case "json":
      return decodeJson(model, ref, jsonOf(reply.body));
    case "query":
      return decodeXml(model, ref, resultOf(reply, ref));
    case "rest-json":
    case "rest-xml":
      return restOutputOf(structureOf(model, call, ref), reply);
    default:
      return call.protocol satisfies never;
  }
}

/** The code of an error; empty when the reply names none. */
export function errorCodeOf(call: Call, reply: AwsReply): string {
  if (call.protocol === "query") {
    const { ErrorResponse } = parseXML(reply.body.toString("utf8")) as {
      ErrorResponse?: { Error?: { Code?: string } };
    };
    return ErrorResponse?.Error?.Code ?? "";
  }
  if (call.protocol === "rest-xml") {
    const { Error: said } = xmlOf(reply.body) as { Error?: { Code?: string } };
    return said?.Code ?? "";
  }
  const inHeader = String(reply.headers["x-amzn-errortype"] ?? "");
  const { __type = "", code = "" } = (jsonOf(reply.body) ?? {}) as Record<string, string>;
  const named = inHeader || __type || code;
  return named.split(":")[0]?.split("#").at(-1) ?? "";
}

export function operationOf(model: ServiceModel, call: Call): Operation {
  return model.operations[call.operation] as Operation;
}

interface Structure {
  readonly model: ServiceModel;
  readonly shape: Shape | undefined;
  /** How the body is written. */
  readonly isXml: boolean;
}

function structureOf(model: ServiceModel, { protocol }: Call, ref: ShapeRef): Structure {
  return { model, shape: model.shapes[ref.shape], isXml: protocol === "rest-xml" };
}

function restInputOf(structure: Structure, call: Call, request: AwsRequest): Decoded {
  const { model } = structure;
  const query = new URLSearchParams(request.target.split("?")[1] ?? "");
  const headers = headersOf(request);
  const read = (name: string, ref: ShapeRef): unknown => {
    const wireName = ref.locationName ?? name;
    if (ref.location === "uri") return textAt(model, ref, call.labels[wireName]);
    if (ref.location === "header") return textAt(model, ref, headers.get(wireName.toLowerCase()));
    if (ref.location !== "querystring") return undefined;
    const values = query.getAll(wireName);
    const { type, member } = model.shapes[ref.shape] ?? {};
    if (type === "list" && member && values.length > 0) {
      return values.map((value) => decodeText(model, member, value));
    }
    return textAt(model, ref, values[0]);
  };
  return withBody(structure, read, request.body);
}

function restOutputOf(structure: Structure, reply: AwsReply): Decoded {
  const { model } = structure;
  const read = (name: string, ref: ShapeRef): unknown => {
    if (ref.location === "statusCode") return reply.status;
    if (ref.location !== "header") return undefined;
    const header = reply.headers[(ref.locationName ?? name).toLowerCase()];
    return textAt(model, ref, header === undefined ? undefined : String(header));
  };
  return withBody(structure, read, reply.body);
}

/** The members beside the body, as `read` finds them, and those in the body. */
function withBody(
  structure: Structure,
  read: (name: string, ref: ShapeRef) => unknown,
  body: Buffer,
): Decoded {
  const members = Object.entries(structure.shape?.members ?? {});
  const beside = members
    .filter(([, ref]) => ref.location !== undefined)
    .map(([name, ref]) => [name, read(name, ref)] as const)
    .filter(([, value]) => value !== undefined);
  const inside = bodyOf(structure, body);
  return {
    value: { ...(inside.value as object), ...Object.fromEntries(beside) },
    unknown: inside.unknown,
  };
}

function bodyOf({ model, shape, isXml }: Structure, body: Buffer): Decoded {
  const payload = shape?.payload;
  const ref = payload === undefined ? undefined : shape?.members?.[payload];
  if (payload === undefined || ref === undefined) {
    if (body.length === 0 || shape === undefined) return { value: {}, unknown: [] };
    if (!isXml) return decodeMembers(model, shape, jsonOf(body));
    return decodeXmlMembers(model, shape, elementIn(body));
  }
  if (body.length === 0) return { value: {}, unknown: [] };
  if (model.shapes[ref.shape]?.type === "blob") return { value: { [payload]: body }, unknown: [] };
  const inside = isXml
    ? decodeXml(model, ref, elementIn(body))
    : decodeJson(model, ref, jsonOf(body));
  return { ...inside, value: { [payload]: inside.value } };
}

function restCallOf(
  {
    model,
    protocol,
  }: { readonly model: ServiceModel; readonly protocol: "rest-json" | "rest-xml" },
  request: AwsRequest,
): Call | undefined {
  const [path = "", query = ""] = request.target.split("?");
  const given = new URLSearchParams(query);
  const headers = headersOf(request);
  const fitting = routesOf(model).filter(
    (route) =>
      route.method === request.method &&
      route.path.test(path) &&
      route.query.every(([key, value]) => given.get(key) === value) &&
      route.headers.every((name) => headers.has(name)),
  );
  // What lacks a parameter is another operation where there is one: DeleteObject, and not AbortMultipartUpload.
  const route = fitting.find(({ needed }) => needed.every((key) => given.has(key))) ?? fitting[0];
  if (route === undefined) return undefined;
  const found = route.path.exec(path) ?? [];
  const labels = route.labels.map((label, at) => [label, decoded(found[at + 1] ?? "")] as const);
  return { protocol, operation: route.operation, labels: Object.fromEntries(labels) };
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** What has to stand in the query, such as `versioning` of S3. */
  readonly query: readonly (readonly [string, string])[];
  /** Parameters of the query that it cannot do without. */
  readonly needed: readonly string[];
  /** Headers without which it is another operation: copying an object is putting one with a source. */
  readonly headers: readonly string[];
}

const routes = new WeakMap<ServiceModel, readonly Route[]>();

/**
 * The routes with the most letters of their own first: `/schedule-groups` before `/{anything}`, `?versioning` before none;
 * of two at one address the one that is not deprecated: PutBucketLifecycleConfiguration before PutBucketLifecycle.
 */
function routesOf(model: ServiceModel): readonly Route[] {
  const known = routes.get(model);
  if (known !== undefined) return known;
  const made = Object.entries(model.operations)
    .map(([operation, { http, input, deprecated = false }]) => {
      const [uri = "", query = ""] = http.requestUri.split("?");
      const shape = model.shapes[input?.shape ?? ""];
      const headers = requiredIn("header", shape).map((name) => name.toLowerCase());
      const needed = requiredIn("querystring", shape);
      const parts = { uri, query: [...new URLSearchParams(query)], headers, needed };
      return { operation, http, isOld: Number(deprecated), ...parts };
    })
    .sort(
      (one, other) =>
        other.query.length - one.query.length ||
        other.headers.length - one.headers.length ||
        ownLetters(other.uri) - ownLetters(one.uri) ||
        one.isOld - other.isOld,
    )
    .map(({ operation, http, uri, query, headers, needed }) => ({
      operation,
      method: http.method,
      query,
      needed,
      headers,
      ...patternOf(uri),
    }));
  routes.set(model, made);
  return made;
}

/** The wire's names of members that a request has to have in its headers, or its query. */
function requiredIn(location: "header" | "querystring", shape: Shape | undefined): string[] {
  return (shape?.required ?? []).flatMap((name) => {
    const ref = shape?.members?.[name];
    return ref?.location === location ? [ref.locationName ?? name] : [];
  });
}

const LABEL = /\{([^}+]+)(\+?)\}/g;
const ownLetters = (uri: string): number => uri.replace(LABEL, "").length;

function patternOf(uri: string): Pick<Route, "path" | "labels"> {
  const labels: string[] = [];
  const pattern = uri
    .replace(/[.\\$^()|[\]*?]/g, "\\$&")
    .replace(LABEL, (_whole, label: string, greedy: string) => {
      labels.push(label);
      return greedy === "+" ? "(.+)" : "([^/]+)";
    });
  return { path: new RegExp(`^${pattern.replace(/\/$/, "")}/?$`), labels };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function textAt(model: ServiceModel, ref: ShapeRef, text: string | undefined): unknown {
  return text === undefined ? undefined : decodeText(model, ref, text);
}

function formOf(request: AwsRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString("utf8"));
}

function headersOf({ rawHeaders }: AwsRequest): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.set((rawHeaders[at] ?? "").toLowerCase(), rawHeaders[at + 1] ?? "");
  }
  return headers;
}

/** The element inside the response, or inside its wrapper. */
function resultOf(
  reply: AwsReply,
  { resultWrapper }: { readonly resultWrapper?: string },
): unknown {
  const [response] = Object.values(parseXML(reply.body.toString("utf8")) as object);
  const wrapped = (response ?? {}) as Record<string, unknown>;
  return resultWrapper === undefined ? wrapped : (wrapped[resultWrapper] ?? {});
}

/** The members of the one element of an XML body. */
function elementIn(body: Buffer): unknown {
  return Object.values(xmlOf(body))[0] ?? {};
}

/** What is no XML holds no element. */
function xmlOf(body: Buffer): object {
  try {
    return parseXML(body.toString("utf8").replace(/^<\?xml[^>]*\?>\s*/, "")) as object;
  } catch {
    return {};
  }
}

/** What is no JSON is undefined, and then no object either. */
function jsonOf(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
