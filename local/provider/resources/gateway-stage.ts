import {
  CreateStageCommand,
  type CreateStageCommandInput,
  DeleteStageCommand,
  GetApiCommand,
  GetStageCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { changedValues, fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import { importedAs } from "../imported";
import type { Change, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table, tagged } from "../table";
import { tagsMember } from "../tags";
import { needText, object, present, textMap } from "../values";
import type { Properties, Value } from "../wire";
import { executionArn, gatewayArn, updateGatewayTags } from "./gateway-tags";

/** A block that the program leaves out is what AWS set. */
const leftOut = (_old: Value | undefined, next: Value | undefined): boolean => next === undefined;

export const gatewayStageTable = table("internal/service/apigatewayv2/stage.go", {
  ...regional,
  ...tagged,
  accessLogSettings: optional("object", {
    of: { destinationArn: required("string"), format: required("string") },
  }),
  apiId: required("string", { forceNew: true, locates: true }),
  arn: computed("string"),
  autoDeploy: optional("boolean", { initial: false }),
  clientCertificateId: optional("string"),
  defaultRouteSettings: optional("object", {
    same: leftOut,
    of: {
      dataTraceEnabled: optional("boolean", { initial: false }),
      detailedMetricsEnabled: optional("boolean", { initial: false }),
      loggingLevel: either("string", { among: ["ERROR", "INFO", "OFF"] }),
      throttlingBurstLimit: optional("number"),
      throttlingRateLimit: optional("number"),
    },
  }),
  deploymentId: either("string"),
  description: optional("string"),
  executionArn: computed("string"),
  invokeUrl: computed("string"),
  name: either("string", { forceNew: true }),
  // Of each route the settings that AWS holds are the ones that were asked for.
  routeSettings: optional("set", {
    of: {
      dataTraceEnabled: optional("boolean", { initial: false }),
      detailedMetricsEnabled: optional("boolean", { initial: false }),
      loggingLevel: either("string", { among: ["ERROR", "INFO", "OFF"] }),
      routeKey: required("string"),
      throttlingBurstLimit: optional("number"),
      throttlingRateLimit: optional("number"),
    },
  }),
  stageVariables: optional("map"),
});

const PLAIN = ["autoDeploy", "clientCertificateId", "deploymentId", "description"];
const NESTED = ["accessLogSettings", "defaultRouteSettings"];
const LOGS = ["destinationArn", "format"];
// Tracing and log levels are for WebSocket APIs only.
const ROUTES = ["detailedMetricsEnabled", "throttlingBurstLimit", "throttlingRateLimit"];

function nestedOf(news: Properties, asked: readonly string[]): Properties {
  const api = (name: string): Properties =>
    toApi(object(news, name) ?? {}, name === "accessLogSettings" ? LOGS : ROUTES);
  return toApi(Object.fromEntries(asked.map((name) => [name, api(name)])), NESTED);
}

/** AWS's map of the routes' settings, as the program's list of them is sent. */
function routesOf(news: Properties): Record<string, object> {
  const list = (Array.isArray(news["routeSettings"]) ? news["routeSettings"] : []) as Properties[];
  return Object.fromEntries(
    list.map((settings) => [needText(settings, "routeKey"), toApi<object>(settings, ROUTES)]),
  );
}

function routesIn(settings: Readonly<Record<string, object>> = {}): Properties[] {
  return Object.entries(settings).map(([routeKey, found]) => ({
    ...fromApi(found, [...ROUTES, "dataTraceEnabled", "loggingLevel"]),
    routeKey,
  }));
}

async function read(
  { aws, region }: Session,
  id: string,
  where: Properties,
): Promise<Properties | undefined> {
  const ApiId = needText(where, "apiId");
  const asked = aws.apiGateway.send(new GetStageCommand({ ApiId, StageName: id }));
  const found = await unlessMissing(asked, ["NotFoundException"]);
  if (!found) return undefined;
  const api = await aws.apiGateway.send(new GetApiCommand({ ApiId }));
  const path = id === "$default" ? "/" : `/${id}`;
  return {
    ...fromApi(found, [...PLAIN, "stageVariables"]),
    ...present({
      accessLogSettings: fromApi(found.AccessLogSettings ?? {}, LOGS),
      apiId: ApiId,
      arn: gatewayArn(region, `/apis/${ApiId}/stages/${id}`),
      defaultRouteSettings: fromApi(found.DefaultRouteSettings ?? {}, [
        ...ROUTES,
        "dataTraceEnabled",
        "loggingLevel",
      ]),
      executionArn: await executionArn(aws, region, `${ApiId}/${id}`),
      invokeUrl: `${api.ApiEndpoint}${path}`,
      name: found.StageName,
      routeSettings: routesIn(found.RouteSettings),
    }),
    tags: present({ ...found.Tags }),
  };
}

async function update(
  { aws: { apiGateway }, region }: Session,
  change: Change,
): Promise<undefined> {
  const { id: StageName, olds, news, changed } = change;
  const ApiId = needText(news, "apiId");
  const fields = toApi<object>(changedValues(gatewayStageTable, change, PLAIN), PLAIN);
  const nested = nestedOf(
    news,
    NESTED.filter((name) => changed.has(name)),
  );
  const taken = Object.keys(textMap(olds, "stageVariables")).map((name) => [name, ""]);
  // A variable goes away when it is set to nothing.
  const StageVariables = { ...Object.fromEntries(taken), ...textMap(news, "stageVariables") };
  const variables = changed.has("stageVariables") ? { StageVariables } : {};
  const routes = changed.has("routeSettings") ? { RouteSettings: routesOf(news) } : {};
  const input = { ...fields, ...nested, ...routes, ...variables };
  if (Object.keys(input).length > 0) {
    const sent = apiGateway.send(new UpdateStageCommand({ ApiId, StageName, ...input }));
    await during(`updating API Gateway v2 Stage (${StageName})`, sent);
  }
  const arn = gatewayArn(region, `/apis/${ApiId}/stages/${StageName}`);
  await updateGatewayTags(apiGateway, arn, change);
  return undefined;
}

export const gatewayStage: ResourceType = {
  token: "aws:apigatewayv2/stage:Stage",
  table: gatewayStageTable,
  autoName: { property: "name", max: 128 },
  create: async ({ aws }, news) => {
    const id = needText(news, "name");
    const input = new CreateStageCommand({
      ...toApi<CreateStageCommandInput>(news, [...PLAIN, "apiId", "stageVariables"]),
      ...nestedOf(
        news,
        NESTED.filter((name) => news[name] !== undefined),
      ),
      ...(news["routeSettings"] === undefined ? {} : { RouteSettings: routesOf(news) }),
      StageName: id,
      ...tagsMember("Tags", news),
    });
    await during(`creating API Gateway v2 Stage (${id})`, aws.apiGateway.send(input));
    return { id };
  },
  read,
  imported: importedAs("apiId"),
  update,
  remove: async ({ aws }, id, olds) => {
    const input = new DeleteStageCommand({ ApiId: needText(olds, "apiId"), StageName: id });
    const gone = unlessMissing(aws.apiGateway.send(input), ["NotFoundException"]);
    await during(`deleting API Gateway v2 Stage (${id})`, gone);
  },
};
