import { type FunctionRole, functionName, functionRoleName } from "../../contract/names";
import type { Place } from "../../contract/policy";

export {
  encodePolicy,
  type Place,
  type Statement,
  throughSecretsManager,
} from "../../contract/policy";

/** The ARN of a function's role, which can be told before the role exists. */
export function roleArnOf(place: Place, prefix: string, role: FunctionRole): string {
  const name = functionRoleName(prefix, role, place.region);
  return `arn:${place.partition}:iam::${place.accountId}:role/${name}`;
}

/** The ARN of a function, which can be told before it exists. */
export function functionArnOf(place: Place, prefix: string, role: FunctionRole): string {
  const { partition, region, accountId } = place;
  return `arn:${partition}:lambda:${region}:${accountId}:function:${functionName(prefix, role)}`;
}

/** The head of every secret ARN of a place, up to and including the account. */
export function secretArnHead({ partition, region, accountId }: Place): string {
  return `arn:${partition}:secretsmanager:${region}:${accountId}`;
}

/** All store secrets of a prefix. */
export function storeSecretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/stores/*`;
}

/** All app secrets of a prefix. */
export function appSecretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/apps/*`;
}

/** All secrets of a prefix. */
export function secretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/*`;
}
