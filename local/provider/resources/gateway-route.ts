import {
  CreateRouteCommand,
  type CreateRouteCommandInput,
  DeleteRouteCommand,
  GetRouteCommand,
  UpdateRouteCommand,
} from "@aws-sdk/client-apigatewayv2";
import { changedValues, fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import { importedAs } from "../imported";
import type { ResourceType, Session } from "../resource-type";
import { optional, regional, required, table } from "../table";
import { needText } from "../values";
import type { Properties } from "../wire";

export const gatewayRouteTable = table("internal/service/apigatewayv2/route.go", {
  ...regional,
  apiId: required("string", { forceNew: true, locates: true }),
  apiKeyRequired: optional("boolean", { initial: false }),
  authorizationScopes: optional("set"),
  authorizationType: optional("string", {
    initial: "NONE",
    among: ["NONE", "AWS_IAM", "CUSTOM", "JWT"],
  }),
  authorizerId: optional("string"),
  modelSelectionExpression: optional("string"),
  operationName: optional("string"),
  requestModels: optional("map"),
  routeKey: required("string"),
  routeResponseSelectionExpression: optional("string"),
  target: optional("string"),
});

const FIELDS = Object.keys(gatewayRouteTable).filter(
  (name) => name !== "region" && name !== "apiId",
);

async function read(
  { aws }: Session,
  id: string,
  where: Properties,
): Promise<Properties | undefined> {
  const ApiId = needText(where, "apiId");
  const asked = aws.apiGateway.send(new GetRouteCommand({ ApiId, RouteId: id }));
  const found = await unlessMissing(asked, ["NotFoundException"]);
  return found && { ...fromApi(found, FIELDS), apiId: ApiId };
}

export const gatewayRoute: ResourceType = {
  token: "aws:apigatewayv2/route:Route",
  table: gatewayRouteTable,
  create: async ({ aws }, news) => {
    const input = toApi<CreateRouteCommandInput>(news, [...FIELDS, "apiId"]);
    const sent = aws.apiGateway.send(new CreateRouteCommand(input));
    return { id: (await during("creating API Gateway v2 Route", sent)).RouteId ?? "" };
  },
  read,
  imported: importedAs("apiId"),
  update: async ({ aws }, change) => {
    const { id: RouteId, news } = change;
    const fields = toApi<object>(changedValues(gatewayRouteTable, change, FIELDS), FIELDS);
    const input = { ApiId: needText(news, "apiId"), RouteId, ...fields };
    const sent = aws.apiGateway.send(new UpdateRouteCommand(input));
    await during(`updating API Gateway v2 Route (${RouteId})`, sent);
    return undefined;
  },
  remove: async ({ aws }, id, olds) => {
    const input = new DeleteRouteCommand({ ApiId: needText(olds, "apiId"), RouteId: id });
    const gone = unlessMissing(aws.apiGateway.send(input), ["NotFoundException"]);
    await during(`deleting API Gateway v2 Route (${id})`, gone);
  },
};
