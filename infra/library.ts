/** What other Pulumi programs import from `shopify-secrets`. */
export {
  encodeReaderPolicy,
  mayDecryptToken,
  mayReadInBatches,
  mayReadToken,
  type ReadableSecret,
} from "../contract/reader-policy";
export { STATUS_TAG_PREFIX } from "../contract/store/status";
export { Alarms, type AlarmsArgs, NoticeTopic, type NoticeTopicArgs } from "./components/alarms";
export { AppSecret, type AppSecretArgs } from "./components/app-secret";
export { Dashboard, type DashboardArgs } from "./components/dashboard";
export { EnrolFunction } from "./components/enrol-function";
export { Fleet } from "./components/fleet";
export type {
  FleetApp,
  FleetArgs,
  FleetConsumer,
  FleetStore,
  FleetVpc,
} from "./components/fleet-args";
export type { FleetFunctionArgs } from "./components/fleet-function";
export { InstallEndpoint, type InstallEndpointArgs } from "./components/install-endpoint";
export { findPlace } from "./components/place";
export { RefreshKey, type RefreshKeyArgs } from "./components/refresh-key";
export { RotationFunction } from "./components/rotation-function";
export { SigningKey, type SigningKeyArgs } from "./components/signing-key";
export { StackKey, type StackKeyArgs } from "./components/stack-key";
export { StoreSecret, type StoreSecretArgs } from "./components/store-secret";
export { SweepFunction, type SweepFunctionArgs } from "./components/sweep-function";
export { declareFleet } from "./config/declare-fleet";
export type { GivenSecret } from "./config/parse-secrets";
export type { AppSpec, FleetSpec, Settings, StoreSpec, VpcPlacement } from "./config/spec";
export { readStackConfig } from "./config/stack-config";
export {
  type ListDeleted,
  warnOfDeletedSecrets,
  /** Its name before 0.2. */
  warnOfDeletedSecrets as warnOfTakenNames,
} from "./deleted-secrets";
export {
  type FleetOptions,
  type ProvisionedFleet,
  provisionFleet,
  type StoreOutput,
} from "./fleet";
export type { PolicyScope } from "./policies/functions";
export {
  encodeActingPolicy,
  encodeApplyingPolicy,
  encodeLookingPolicy,
} from "./policies/operator";
export { encodePolicy, type Place, type Statement } from "./policies/statement";
export { createStoreList, type ListStores } from "./store-list";
