import {
  CreateApiCommand,
  type CreateApiCommandInput,
  DeleteApiCommand,
  DeleteCorsConfigurationCommand,
  GetApiCommand,
  UpdateApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import { changedValues, fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import type { Change, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table, tagged } from "../table";
import { tagsMember } from "../tags";
import { needText, object, present } from "../values";
import type { Properties } from "../wire";
import { executionArn, gatewayArn, updateGatewayTags } from "./gateway-tags";

export const gatewayApiTable = table("internal/service/apigatewayv2/api.go", {
  ...regional,
  ...tagged,
  apiEndpoint: computed("string"),
  apiKeySelectionExpression: optional("string", {
    initial: "$request.header.x-api-key",
    among: ["$context.authorizer.usageIdentifierKey", "$request.header.x-api-key"],
  }),
  arn: computed("string"),
  corsConfiguration: optional("object", {
    of: {
      allowCredentials: optional("boolean"),
      allowHeaders: optional("set"),
      allowMethods: optional("set"),
      allowOrigins: optional("set"),
      exposeHeaders: optional("set"),
      maxAge: optional("number"),
    },
  }),
  description: optional("string"),
  disableExecuteApiEndpoint: optional("boolean"),
  executionArn: computed("string"),
  ipAddressType: either("string", { among: ["ipv4", "dualstack"] }),
  name: either("string"),
  protocolType: required("string", { forceNew: true, among: ["HTTP", "WEBSOCKET"] }),
  routeSelectionExpression: optional("string", { initial: "$request.method $request.path" }),
  version: optional("string"),
});

const PLAIN = [
  "apiKeySelectionExpression",
  "description",
  "disableExecuteApiEndpoint",
  "ipAddressType",
  "name",
  "routeSelectionExpression",
  "version",
];
const CORS = [
  "allowCredentials",
  "allowHeaders",
  "allowMethods",
  "allowOrigins",
  "exposeHeaders",
  "maxAge",
];

async function read({ aws, region }: Session, id: string): Promise<Properties | undefined> {
  const asked = aws.apiGateway.send(new GetApiCommand({ ApiId: id }));
  const found = await unlessMissing(asked, ["NotFoundException"]);
  if (!found) return undefined;

  return {
    ...fromApi(found, [...PLAIN, "apiEndpoint", "protocolType"]),
    ...present({
      arn: gatewayArn(region, `/apis/${id}`),
      corsConfiguration: fromApi(found.CorsConfiguration ?? {}, CORS),
      executionArn: await executionArn(aws, region, id),
    }),
    tags: present({ ...found.Tags }),
  };
}

async function update(
  { aws: { apiGateway }, region }: Session,
  change: Change,
): Promise<undefined> {
  const { id: ApiId, news, changed } = change;
  const cors = object(news, "corsConfiguration");
  if (changed.has("corsConfiguration") && !cors) {
    await apiGateway.send(new DeleteCorsConfigurationCommand({ ApiId }));
  }
  const fields = toApi<object>(changedValues(gatewayApiTable, change, PLAIN), PLAIN);
  const CorsConfiguration =
    changed.has("corsConfiguration") && cors ? toApi<object>(cors, CORS) : undefined;
  if (Object.keys(fields).length > 0 || CorsConfiguration) {
    const input = { ApiId, ...fields, ...(CorsConfiguration ? { CorsConfiguration } : {}) };
    const sent = apiGateway.send(new UpdateApiCommand(input));
    await during(`updating API Gateway v2 API (${ApiId})`, sent);
  }
  await updateGatewayTags(apiGateway, gatewayArn(region, `/apis/${ApiId}`), change);
  return undefined;
}

export const gatewayApi: ResourceType = {
  token: "aws:apigatewayv2/api:Api",
  table: gatewayApiTable,
  autoName: { property: "name", max: 128 },
  create: async ({ aws }, news) => {
    const cors = object(news, "corsConfiguration");
    const input = new CreateApiCommand({
      ...toApi<CreateApiCommandInput>(news, [...PLAIN, "protocolType"]),
      ...tagsMember("Tags", news),
      ...(cors ? { CorsConfiguration: toApi(cors, CORS) } : {}),
    });
    const deed = `creating API Gateway v2 API (${needText(news, "name")})`;
    const made = await during(deed, aws.apiGateway.send(input));
    return { id: made.ApiId ?? "" };
  },
  read,
  update,
  remove: async ({ aws }, id) => {
    const deleted = aws.apiGateway.send(new DeleteApiCommand({ ApiId: id }));
    const gone = unlessMissing(deleted, ["NotFoundException"]);
    await during(`deleting API Gateway v2 API (${id})`, gone);
  },
};
