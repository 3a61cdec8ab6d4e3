import type { AwsReply, AwsRequest } from "../aws-request";
import { checkShape, type Finding } from "./check-shape";
import type { Decoded } from "./decode";
import { isCommonError } from "./errors";
import type { RequestOpinion, Violation } from "./opinion";
import type { ServiceModel, ServiceModels, Shape } from "./service-model";
import { type Call, callOf, errorCodeOf, inputOf, operationOf, outputOf } from "./wire";

export type { RequestOpinion, Violation } from "./opinion";

const NOTHING = { violations: [], unknown: [] } as const;
const NO_OPINION: RequestOpinion = {
  ...NOTHING,
  service: "",
  operation: "",
  input: undefined,
  protocol: undefined,
  ofAnswer: () => NOTHING,
};

/** Holds a request against AWS's own model of its service; unsigned requests are not for a service. */
export function secondOpinionOf(models: ServiceModels, request: AwsRequest): RequestOpinion {
  const { service } = request;
  if (service === "") return NO_OPINION;
  const model = models.of(service);
  const call = model && callOf(model, request);
  const about = {
    side: "request",
    service,
    operation: call?.operation ?? `${request.method} ${request.target.split("?")[0]}`,
  } as const;
  if (model === undefined || call === undefined) {
    const constraint = "AWS's model has no such operation";
    return { ...NO_OPINION, violations: [{ ...about, path: "", constraint }] };
  }
  const input = inputOf(model, call, request);
  const ref = operationOf(model, call).input;
  return {
    service,
    operation: about.operation,
    input: input.value,
    violations:
      ref === undefined ? [] : violationsOf(about, checkShape(model, ref.shape, input.value)),
    unknown: unknownOf(about, input),
    protocol: call.protocol,
    ofAnswer: (reply) => opinionOfAnswer({ model, call }, { ...about, side: "answer" }, reply),
  };
}

type About = Pick<Violation, "side" | "service" | "operation">;

function opinionOfAnswer(
  { model, call }: { readonly model: ServiceModel; readonly call: Call },
  about: About,
  reply: AwsReply,
): Pick<RequestOpinion, "violations" | "unknown"> {
  if (reply.status >= 300) {
    // S3 declares few of its errors, and answers HEAD without any (S3 API reference, "Error responses").
    if (call.protocol === "rest-xml") return NOTHING;
    return { violations: violationsOf(about, inError({ model, call }, reply)), unknown: [] };
  }
  const output = outputOf(model, call, reply);
  const ref = operationOf(model, call).output;
  const findings = ref === undefined ? [] : checkShape(model, ref.shape, output.value);
  const violations = violationsOf(about, findings).filter((one) => !isKnownOfAws(one));
  return { violations, unknown: unknownOf(about, output) };
}

/** Where AWS's answers are known to be other than its model says. */
const KNOWN_OF_AWS: readonly (Pick<Violation, "service" | "operation" | "path"> & {
  readonly source: string;
})[] = [
  {
    service: "logs",
    operation: "ListTagsForResource",
    path: "tags",
    source: "a log group without tags answers {}; the shape is that of TagResource's input",
  },
];

function isKnownOfAws({ service, operation, path }: Violation): boolean {
  return KNOWN_OF_AWS.some(
    (known) => known.service === service && known.operation === operation && known.path === path,
  );
}

/** An error has to be one that the operation declares, with its status, or one of any service. */
function inError(
  { model, call }: { readonly model: ServiceModel; readonly call: Call },
  reply: AwsReply,
): Finding[] {
  const code = errorCodeOf(call, reply);
  if (isCommonError(code)) return [];
  const declared = (operationOf(model, call).errors ?? [])
    .map(({ shape }) => ({ name: shape, shape: model.shapes[shape] }))
    .find(({ name, shape }) => codeOf(name, shape) === code);
  if (declared === undefined) {
    return [{ path: "", constraint: `no error ${code || "without a code"} is declared` }];
  }
  const status = declared.shape?.error?.httpStatusCode;
  if (status === undefined || status === reply.status) return [];
  return [{ path: "", constraint: `${code} has the status ${status} and not ${reply.status}` }];
}

function codeOf(name: string, shape: Shape | undefined): string {
  return shape?.error?.code ?? name;
}

function violationsOf(about: About, findings: readonly Finding[]): Violation[] {
  return findings.map((finding) => ({ ...about, ...finding }));
}

function unknownOf(about: About, { unknown }: Decoded): Violation[] {
  return unknown.map((path) => ({ ...about, path, constraint: "the model knows no such member" }));
}
