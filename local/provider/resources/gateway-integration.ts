import {
  CreateIntegrationCommand,
  type CreateIntegrationCommandInput,
  DeleteIntegrationCommand,
  GetIntegrationCommand,
  UpdateIntegrationCommand,
} from "@aws-sdk/client-apigatewayv2";
import { changedValues, fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import { importedAs } from "../imported";
import type { ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table } from "../table";
import { needText } from "../values";
import type { Properties, Value } from "../wire";

/** A Lambda integration is always called by POST. */
const sameMethod = (old: Value | undefined, next: Value | undefined): boolean =>
  old === "POST" && !next;

/** HTTP APIs have no such behaviour. */
const samePassthrough = (old: Value | undefined, next: Value | undefined): boolean =>
  !old && next === "WHEN_NO_MATCH";

export const gatewayIntegrationTable = table("internal/service/apigatewayv2/integration.go", {
  ...regional,
  apiId: required("string", { forceNew: true, locates: true }),
  connectionId: optional("string"),
  connectionType: optional("string", { initial: "INTERNET", among: ["INTERNET", "VPC_LINK"] }),
  contentHandlingStrategy: optional("string"),
  credentialsArn: optional("string"),
  description: optional("string"),
  integrationMethod: optional("string", { same: sameMethod }),
  integrationResponseSelectionExpression: computed("string"),
  integrationSubtype: optional("string", { forceNew: true }),
  integrationType: required("string", {
    forceNew: true,
    among: ["AWS", "HTTP", "MOCK", "HTTP_PROXY", "AWS_PROXY"],
  }),
  integrationUri: optional("string"),
  passthroughBehavior: optional("string", { initial: "WHEN_NO_MATCH", same: samePassthrough }),
  payloadFormatVersion: optional("string", { initial: "1.0", among: ["1.0", "2.0"] }),
  requestParameters: optional("map"),
  requestTemplates: optional("map"),
  templateSelectionExpression: optional("string"),
  timeoutMilliseconds: either("number"),
});

const RENAMED = { timeoutMilliseconds: "TimeoutInMillis" };
const FIELDS = Object.keys(gatewayIntegrationTable).filter(
  (name) => name !== "region" && name !== "apiId",
);

async function read(
  { aws }: Session,
  id: string,
  where: Properties,
): Promise<Properties | undefined> {
  const ApiId = needText(where, "apiId");
  const asked = aws.apiGateway.send(new GetIntegrationCommand({ ApiId, IntegrationId: id }));
  const found = await unlessMissing(asked, ["NotFoundException"]);
  return found && { ...fromApi(found, FIELDS, RENAMED), apiId: ApiId };
}

export const gatewayIntegration: ResourceType = {
  token: "aws:apigatewayv2/integration:Integration",
  table: gatewayIntegrationTable,
  create: async ({ aws }, news) => {
    const input = toApi<CreateIntegrationCommandInput>(news, [...FIELDS, "apiId"], RENAMED);
    const sent = aws.apiGateway.send(new CreateIntegrationCommand(input));
    return { id: (await during("creating API Gateway v2 Integration", sent)).IntegrationId ?? "" };
  },
  read,
  imported: importedAs("apiId"),
  update: async ({ aws }, change) => {
    const { id: IntegrationId, news } = change;
    const changed = changedValues(gatewayIntegrationTable, change, FIELDS);
    const always = ["integrationType", "integrationSubtype"];
    const input = {
      ...toApi<object>(changed, FIELDS, RENAMED),
      ...toApi<object>(news, always),
      ApiId: needText(news, "apiId"),
      IntegrationId,
    };
    const sent = aws.apiGateway.send(new UpdateIntegrationCommand(input));
    await during(`updating API Gateway v2 Integration (${IntegrationId})`, sent);
    return undefined;
  },
  remove: async ({ aws }, id, olds) => {
    const input = new DeleteIntegrationCommand({
      ApiId: needText(olds, "apiId"),
      IntegrationId: id,
    });
    const gone = unlessMissing(aws.apiGateway.send(input), ["NotFoundException"]);
    await during(`deleting API Gateway v2 Integration (${id})`, gone);
  },
};
