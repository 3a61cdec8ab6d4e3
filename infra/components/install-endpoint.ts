import { Api, Integration, Route, Stage } from "@pulumi/aws/apigatewayv2";
import { LogGroup } from "@pulumi/aws/cloudwatch";
import { Permission } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import type { ApiVersion, KeyArn } from "../../contract/brands";
import { ENVIRONMENT } from "../../contract/environment";
import { INSTALL_ROUTES, installBaseUrlOf } from "../../contract/install";
import { accessLogGroupName, functionName } from "../../contract/names";
import { encodeOpenInstalls, type OpenApp } from "../../contract/open-installs";
import {
  mayListSecrets,
  mayReadAppCredentials,
  mayUseRefreshKeys,
  mayUseSecretsKey,
  mayWriteStatus,
} from "../policies/functions";
import { mayInstallStores, mayLookAtStores, mayTakeInStores } from "../policies/install";
import {
  createFleetFunction,
  type FleetFunction,
  type FleetFunctionArgs,
  type FunctionShape,
  ownTagsOf,
} from "./fleet-function";

const SHAPE: FunctionShape = {
  role: "install",
  description: "Answers merchants and Shopify: approvals of apps, and webhooks",
  // API Gateway waits for 30 seconds at most.
  timeoutSeconds: 29,
  memoryMegabytes: 256,
  buildStatements: ({ fleet, kmsKeyArn, refreshKeys }) => [
    mayListSecrets(),
    ...mayLookAtStores(fleet),
    mayInstallStores(fleet),
    mayWriteStatus(fleet),
    mayReadAppCredentials(fleet),
    mayUseSecretsKey(fleet, kmsKeyArn),
    ...mayUseRefreshKeys(fleet, refreshKeys),
  ],
};

/** Merchants come one at a time, and Shopify delivers a failed webhook again; the rest would be a flood. */
const THROTTLING = { throttlingRateLimit: 10, throttlingBurstLimit: 20 };
/** Of their own, so that a flood of links does not keep Shopify's deliveries out, nor one of deliveries the merchants. */
const WEBHOOK_THROTTLING = { throttlingRateLimit: 10, throttlingBurstLimit: 20 };

/** What a line of the access log says: no query, which brings codes, no cookie and no body. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  at: "$context.requestTime",
  route: "$context.routeKey",
  status: "$context.status",
  ip: "$context.identity.sourceIp",
  bytes: "$context.responseLength",
  ms: "$context.responseLatency",
  why: "$context.error.messageString",
  requestId: "$context.requestId",
});

export interface InstallEndpointArgs extends FleetFunctionArgs {
  /** Your own host name in front of the endpoint. Default: the one that API Gateway makes. */
  readonly domain?: string | undefined;
  /** Whether it answers under that host name alone. Default: no. */
  readonly onlyOwnDomain?: boolean | undefined;
  /** How many requests it answers at once, reserved for it. Default: what the account has left. */
  readonly concurrency?: number | undefined;
  /** Whether API Gateway writes a line for each request. Default: no. */
  readonly accessLog?: boolean | undefined;
  /** The apps that every merchant may install. Default: none. */
  readonly openInstalls?: OpenInstallsArgs | undefined;
  /** Whether the stack has a list of stores besides. Default: no. */
  readonly hasList?: boolean | undefined;
}

/** What stores are made with that nobody declared. */
export interface OpenInstallsArgs {
  /** The apps that every merchant may install. */
  readonly apps: readonly OpenApp[];
  /** The version of the Admin API that the records of such stores name. */
  readonly apiVersion: ApiVersion;
  /** Days in which a secret that was removed can be restored; 0: none. */
  readonly recoveryWindowDays: number;
  /** Tags of such secrets, beside their own. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The address that merchants open to approve an app, and that Shopify calls. */
export class InstallEndpoint extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  /** What install links begin with. */
  readonly baseUrl: pulumi.Output<string>;

  constructor(name: string, args: InstallEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:InstallEndpoint", name, {}, opts);
    const { domain } = args;
    const install = createFleetFunction(this, shapeOf(args), { name, args });
    const api = createApi(this, name, { install, args });
    this.functionArn = install.functionArn;
    this.baseUrl = domain === undefined ? api.apiEndpoint : pulumi.output(installBaseUrlOf(domain));
    this.registerOutputs({ functionArn: this.functionArn, baseUrl: this.baseUrl });
  }
}

/** Only what config says: without an open app, or a list, the function has neither the variable nor the rights. */
function shapeOf(args: InstallEndpointArgs): FunctionShape {
  const { domain, openInstalls, concurrency, kmsKeyArn, hasList = false } = args;
  const variables = {
    ...(domain === undefined ? {} : { [ENVIRONMENT.installDomain]: domain }),
    ...(hasList ? { [ENVIRONMENT.hasList]: "1" } : {}),
  };
  if (openInstalls === undefined) return { ...SHAPE, variables, concurrency };
  const told = pulumi
    .output(kmsKeyArn)
    .apply((arn) => encodeOpenInstalls({ ...openInstalls, kmsKeyArn: arn as KeyArn }));
  return {
    ...SHAPE,
    concurrency,
    variables: { ...variables, [ENVIRONMENT.openInstalls]: told },
    buildStatements: (grant) => [
      ...SHAPE.buildStatements(grant),
      ...mayTakeInStores(grant.fleet, {
        kmsKeyArn: grant.kmsKeyArn,
        tags: Object.keys(openInstalls.tags),
        recoveryWindowDays: openInstalls.recoveryWindowDays,
      }),
    ],
  };
}

function createApi(
  parent: InstallEndpoint,
  name: string,
  { install, args }: { readonly install: FleetFunction; readonly args: InstallEndpointArgs },
): Api {
  const api = new Api(
    `${name}-api`,
    {
      name: functionName(args.prefix, "install"),
      protocolType: "HTTP",
      ...(args.onlyOwnDomain ? { disableExecuteApiEndpoint: true } : {}),
      ...ownTagsOf(args),
    },
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
  const routes = Object.entries(INSTALL_ROUTES).map(([route, routeKey]) => {
    const target = pulumi.interpolate`integrations/${integration.id}`;
    return new Route(`${name}-route-${route}`, { apiId: api.id, routeKey, target }, { parent });
  });
  new Stage(
    `${name}-stage`,
    {
      apiId: api.id,
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { ...THROTTLING },
      routeSettings: [{ routeKey: INSTALL_ROUTES.webhooks, ...WEBHOOK_THROTTLING }],
      ...accessLogOf(parent, name, args),
      ...ownTagsOf(args),
    },
    // API Gateway refuses settings of a route that is not there yet.
    { parent, dependsOn: routes },
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

/** One line for each request; refused and throttled ones never reach the function's own log. */
function accessLogOf(parent: InstallEndpoint, name: string, args: InstallEndpointArgs) {
  if (!args.accessLog) return {};
  const group = new LogGroup(
    `${name}-access-log`,
    {
      name: accessLogGroupName(args.prefix),
      retentionInDays: args.logRetentionDays ?? 90,
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent },
  );
  return { accessLogSettings: { destinationArn: group.arn, format: ACCESS_LOG_FORMAT } };
}
