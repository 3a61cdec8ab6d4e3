import { parseXML } from "@aws-sdk/xml-builder";
import type { AwsReply, AwsRequest } from "../aws-request";
import {
  type Decoded,
  decodeJson,
  decodeMembers,
  decodeQuery,
  decodeText,
  decodeXml,
} from "./decode";
import type { Operation, ServiceModel, Shape, ShapeRef } from "./service-model";

/** The protocol that a request speaks; a service may speak several. */
export type Protocol = "json" | "query" | "rest-json";

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
  if (model.metadata.protocol === "rest-json") return restCallOf(model, request);
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
      return restInputOf({ model, shape: model.shapes[ref.shape] }, call, request);
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
      return restOutputOf({ model, shape: model.shapes[ref.shape] }, reply);
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
}

function restInputOf({ model, shape }: Structure, call: Call, request: AwsRequest): Decoded {
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
  return withBody({ model, shape }, read, request.body);
}

function restOutputOf({ model, shape }: Structure, reply: AwsReply): Decoded {
  const read = (name: string, ref: ShapeRef): unknown => {
    if (ref.location === "statusCode") return reply.status;
    if (ref.location !== "header") return undefined;
    const header = reply.headers[(ref.locationName ?? name).toLowerCase()];
    return textAt(model, ref, header === undefined ? undefined : String(header));
  };
  return withBody({ model, shape }, read, reply.body);
}

/** The members beside the body, as `read` finds them, and those in the body. */
function withBody(
  { model, shape }: Structure,
  read: (name: string, ref: ShapeRef) => unknown,
  body: Buffer,
): Decoded {
  const members = Object.entries(shape?.members ?? {});
  const beside = members
    .filter(([, ref]) => ref.location !== undefined)
    .map(([name, ref]) => [name, read(name, ref)] as const)
    .filter(([, value]) => value !== undefined);
  const inside = bodyOf({ model, shape }, body);
  return {
    value: { ...(inside.value as object), ...Object.fromEntries(beside) },
    unknown: inside.unknown,
  };
}

function bodyOf({ model, shape }: Structure, body: Buffer): Decoded {
  const payload = shape?.payload;
  const ref = payload === undefined ? undefined : shape?.members?.[payload];
  if (payload === undefined || ref === undefined) {
    if (body.length === 0 || shape === undefined) return { value: {}, unknown: [] };
    return decodeMembers(model, shape, jsonOf(body));
  }
  if (body.length === 0) return { value: {}, unknown: [] };
  if (model.shapes[ref.shape]?.type === "blob") return { value: { [payload]: body }, unknown: [] };
  const inside = decodeJson(model, ref, jsonOf(body));
  return { ...inside, value: { [payload]: inside.value } };
}

function restCallOf(model: ServiceModel, request: AwsRequest): Call | undefined {
  const path = request.target.split("?")[0] ?? "";
  for (const route of routesOf(model)) {
    if (route.method !== request.method) continue;
    const found = route.path.exec(path);
    if (found === null) continue;
    const labels = route.labels.map((label, at) => [label, decoded(found[at + 1] ?? "")] as const);
    return {
      protocol: "rest-json",
      operation: route.operation,
      labels: Object.fromEntries(labels),
    };
  }
  return undefined;
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
}

const routes = new WeakMap<ServiceModel, readonly Route[]>();

/** The routes with the most letters of their own first: `/schedule-groups` before `/{anything}`. */
function routesOf(model: ServiceModel): readonly Route[] {
  const known = routes.get(model);
  if (known !== undefined) return known;
  const made = Object.entries(model.operations)
    .map(([operation, { http }]) => ({ operation, http, uri: http.requestUri.split("?")[0] ?? "" }))
    .sort((one, other) => ownLetters(other.uri) - ownLetters(one.uri))
    .map(({ operation, http, uri }) => ({ operation, method: http.method, ...patternOf(uri) }));
  routes.set(model, made);
  return made;
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

/** What is no JSON is undefined, and then no object either. */
function jsonOf(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
