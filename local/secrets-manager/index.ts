export { type Applied, apply, type ModelRequest } from "./apply";
export { AwsError } from "./aws-error";
export {
  errorAnswer,
  type HttpAnswer,
  type HttpQuestion,
  operationOf,
  serveSecretsManager,
} from "./http-mouth";
export { createInProcessClient, type InProcessClient, type SdkCommand } from "./in-process-client";
export { type SecretFacts, SecretsManagerModel, type SecretsManagerOptions } from "./model";
export { seededRandomness, systemRandomness } from "./randomness";
export type { RotationEvent, RotationPorts, RotationStep } from "./rotation-run";
export {
  EMPTY_STATE,
  type LabelUpdate,
  type ModelState,
  type Randomness,
  type Surroundings,
} from "./state";
export { DEFAULT_SWITCHES, LONGEST_LIST_LAG_MS, type ModelSwitches } from "./switches";
