import type { AwsReply } from "../aws-request";
import type { Protocol } from "./wire";

/** Something on the wire that AWS's own model of the service does not allow. */
export interface Violation {
  readonly side: "request" | "answer";
  /** Such as `lambda`. */
  readonly service: string;
  /** Such as `CreateFunction`; a method and a path when the model has no operation for them. */
  readonly operation: string;
  /** The member, such as `tags.2.key`; empty when it is about the whole. */
  readonly path: string;
  readonly constraint: string;
}

/** What AWS's model says of a request. */
export interface RequestOpinion {
  readonly service: string;
  readonly operation: string;
  /** Under the model's own member names; undefined: the model has no such operation. */
  readonly input: unknown;
  readonly violations: readonly Violation[];
  /** Members that the model does not know; perhaps it is only older than the SDK. */
  readonly unknown: readonly Violation[];
  readonly protocol: Protocol | undefined;
  /** Holds the answer to the same request against the model. */
  ofAnswer(reply: AwsReply): Pick<RequestOpinion, "violations" | "unknown">;
}
