import { Api, Integration, Route, Stage } from "@pulumi/aws/apigatewayv2";
import { Permission } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENT } from "../../contract/environment";
import { INSTALL_ROUTES, installBaseUrlOf } from "../../contract/install";
import { functionName } from "../../contract/names";
import {
  mayListSecrets,
  mayReadAppCredentials,
  mayUseRefreshKeys,
  mayUseSecretsKey,
  mayWriteStatus,
} from "../policies/functions";
import { mayInstallStores, mayLookAtStores } from "../policies/install";
import {
  createFleetFunction,
  type FleetFunction,
  type FleetFunctionArgs,
  type FunctionShape,
} from "./fleet-function";

const SHAPE: FunctionShape = {
  role: "install",
  description: "Answers merchants and Shopify: approvals of apps, and webhooks",
  // API Gateway waits for 30 seconds at most.
  timeoutSeconds: 29,
  memoryMegabytes: 256,
  buildStatements: ({ fleet, kmsKeyArn, refreshKeys }) => [
    mayListSecrets(),
    mayLookAtStores(fleet),
    mayInstallStores(fleet),
    mayWriteStatus(fleet),
    mayReadAppCredentials(fleet),
    mayUseSecretsKey(fleet, kmsKeyArn),
    ...mayUseRefreshKeys(fleet, refreshKeys),
  ],
};

/** Merchants come one at a time, and Shopify delivers a failed webhook again; the rest would be a flood. */
const THROTTLING = { throttlingRateLimit: 10, throttlingBurstLimit: 20 };

export interface InstallEndpointArgs extends FleetFunctionArgs {
  /** Your own host name in front of the endpoint. Default: the one that API Gateway makes. */
  readonly domain?: string | undefined;
}

/** The address that merchants open to approve an app, and that Shopify calls. */
export class InstallEndpoint extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  /** What install links begin with. */
  readonly baseUrl: pulumi.Output<string>;

  constructor(name: string, args: InstallEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:InstallEndpoint", name, {}, opts);
    const { domain } = args;
    const variables = domain === undefined ? {} : { [ENVIRONMENT.installDomain]: domain };
    const install = createFleetFunction(this, { ...SHAPE, variables }, { name, args });
    const api = createApi(this, name, { install, args });
    this.functionArn = install.functionArn;
    this.baseUrl = domain === undefined ? api.apiEndpoint : pulumi.output(installBaseUrlOf(domain));
    this.registerOutputs({ functionArn: this.functionArn, baseUrl: this.baseUrl });
  }
}

function createApi(
  parent: InstallEndpoint,
  name: string,
  { install, args }: { readonly install: FleetFunction; readonly args: InstallEndpointArgs },
): Api {
  const tags = args.tags === undefined ? {} : { tags: args.tags };
  const api = new Api(
    `${name}-api`,
    { name: functionName(args.prefix, "install"), protocolType: "HTTP", ...tags },
    { parent },
  );
  const integration = new Integration(
    `${name}-integration`,
    {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: install.functionArn,
      payloadFormatVersion: "2.0",
    },
    { parent },
  );
  for (const [route, routeKey] of Object.entries(INSTALL_ROUTES)) {
    const target = pulumi.interpolate`integrations/${integration.id}`;
    new Route(`${name}-route-${route}`, { apiId: api.id, routeKey, target }, { parent });
  }
  new Stage(
    `${name}-stage`,
    {
      apiId: api.id,
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { ...THROTTLING },
    },
    { parent },
  );
  new Permission(
    `${name}-permission`,
    {
      statementId: "ApiGatewayCallsTheEndpoint",
      action: "lambda:InvokeFunction",
      function: install.lambda.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
    },
    { parent },
  );
  return api;
}
