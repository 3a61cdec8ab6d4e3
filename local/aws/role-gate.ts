import { type AwsRequest, jsonInputOf, type Refusal, signedRequestOf } from "./aws-request";
import { needsOfRoleRequest } from "./dependent-permissions";
import { judgeNeeds } from "./needs-check";
import type { Policies } from "./policy";
import type { Place } from "./secret-request";

const ROUTES: readonly { method: RegExp; path: RegExp; operation: string }[] = [
  {
    method: /^POST$/,
    path: /^\/2015-03-31\/functions\/?$/,
    operation: "lambda:CreateFunction",
  },
  {
    method: /^PUT$/,
    path: /^\/2015-03-31\/functions\/[^/]+\/configuration$/,
    operation: "lambda:UpdateFunctionConfiguration",
  },
  {
    method: /^POST$/,
    path: /^\/2015-03-31\/event-source-mappings\/?$/,
    operation: "lambda:CreateEventSourceMapping",
  },
  { method: /^POST$/, path: /^\/schedules\/[^/]+$/, operation: "scheduler:CreateSchedule" },
  { method: /^PUT$/, path: /^\/schedules\/[^/]+$/, operation: "scheduler:UpdateSchedule" },
  { method: /^POST$/, path: /^\/v2\/apis\/[^/]+\/stages$/, operation: "apigateway:CreateStage" },
  {
    method: /^PATCH$/,
    path: /^\/v2\/apis\/[^/]+\/stages\/[^/]+$/,
    operation: "apigateway:UpdateStage",
  },
];

const MACHINES = ["states:CreateStateMachine", "states:UpdateStateMachine"];

/** The operation, when it is one that hands a role, or an API's logs, to a service, or that sets tags on the way. */
export function roleOperationOf(request: AwsRequest): string | undefined {
  if (request.amzTarget === "AmazonSQS.CreateQueue") return "sqs:CreateQueue";
  if (request.service === "states") {
    const operation = `states:${request.amzTarget.split(".").at(-1)}`;
    return MACHINES.includes(operation) ? operation : undefined;
  }
  const path = request.target.split("?")[0] ?? "";
  return ROUTES.find((route) => route.method.test(request.method) && route.path.test(path))
    ?.operation;
}

/** Whether the caller may hand over what the request hands to a service, and the service may assume a role. */
export async function judgeRoleRequest(
  gate: { policies: Policies; place: Place },
  request: AwsRequest,
): Promise<Refusal | undefined> {
  const operation = roleOperationOf(request);
  if (operation === undefined) return undefined;
  const needs = needsOfRoleRequest({ operation, input: jsonInputOf(request.body) }, gate.place);
  if (needs.length === 0) return undefined;
  const who = { accessKeyId: request.accessKeyId };
  // Never refused: there to have the signature checked, as the emulator will for the action itself.
  const first = [
    {
      who,
      action: "sts:GetCallerIdentity",
      resource: "*",
      request: signedRequestOf(request),
    },
  ];
  return (await judgeNeeds(gate.policies, { who, first, needs })).refusal;
}
