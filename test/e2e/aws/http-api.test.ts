import { request } from "node:http";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import { createFunction, createRole } from "./account";
import { AwsWorld } from "./aws-world";

let world: AwsWorld;

beforeAll(async () => {
  world = await AwsWorld.start();
});

afterAll(() => world.stop());

const SOURCE = `exports.handler = async (event) => {
  if (event.rawPath.endsWith("fail")) throw new Error("inner workings");
  return { statusCode: 200, body: JSON.stringify({ cookies: event.cookies, header: event.headers.cookie, path: event.rawPath, hosts: [event.requestContext.domainName, event.headers.host] }) };
};`;

test("an HTTP API runs a function only with its permission, and gives it cookies as API Gateway does", async () => {
  const roleArn = await createRole(world, "install", {});
  const functionArn = await createFunction(world, "install", { roleArn, source: SOURCE });
  const apiId = await createApi(functionArn);

  expect(await call(apiId, "/install/one")).toEqual(INTERNAL_ERROR);
  await permit(`arn:aws:execute-api:us-east-1:000000000000:other/*/*`);
  expect(await call(apiId, "/install/one")).toEqual(INTERNAL_ERROR);
  await permit(`arn:aws:execute-api:us-east-1:000000000000:${apiId}/*/GET/install/{step}`);
  const reply = await call(apiId, "/install/one");
  expect(reply.status).toBe(200);
  const host = `${apiId}.execute-api.us-east-1.amazonaws.com`;
  expect(JSON.parse(reply.body)).toEqual({
    cookies: ["a=1", "b=2"],
    path: "/install/one",
    hosts: [host, host],
  });
  const { ApiEndpoint } = await gateway().send(new GetApiCommand({ ApiId: apiId }));
  expect(ApiEndpoint).toBe(`https://${host}`);
  expect(await call(apiId, "/install/fail")).toEqual(INTERNAL_ERROR);
});

const INTERNAL_ERROR = { status: 500, body: '{"message": "Internal Server Error"}' };

function gateway(): ApiGatewayV2Client {
  return new ApiGatewayV2Client({
    endpoint: world.front.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
}

async function createApi(functionArn: string): Promise<string> {
  const to = gateway();
  const { ApiId } = await to.send(new CreateApiCommand({ Name: "install", ProtocolType: "HTTP" }));
  const { IntegrationId } = await to.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: functionArn,
      PayloadFormatVersion: "2.0",
    }),
  );
  await to.send(
    new CreateRouteCommand({
      ApiId,
      RouteKey: "GET /install/{step}",
      Target: `integrations/${IntegrationId}`,
    }),
  );
  await to.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  return ApiId ?? "";
}

let permissions = 0;

async function permit(sourceArn: string): Promise<void> {
  permissions += 1;
  await world.clients().lambda.send(
    new AddPermissionCommand({
      FunctionName: "install",
      StatementId: `api-${permissions}`,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: sourceArn,
    }),
  );
}

/** fetch would not send another Host. */
function call(apiId: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(world.front.url);
  const headers = { host: `${apiId}.execute-api.localhost:${port}`, cookie: "a=1; b=2" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers }, (incoming) => {
      let body = "";
      incoming.on("data", (chunk) => {
        body += chunk;
      });
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}
