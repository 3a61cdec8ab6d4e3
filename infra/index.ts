import { dirname } from "node:path";
import { callbackUrlOf } from "../contract/install";
import { readFleet } from "./config/read-fleet";
import { provisionFleet } from "./fleet";
import { buildFunctionsIfOld } from "./functions-on-demand";
import { warnOfTakenNames } from "./taken-names";

const PROJECT = dirname(__dirname);

buildFunctionsIfOld(PROJECT);
const spec = readFleet(PROJECT);
const fleet = provisionFleet(spec);
warnOfTakenNames(spec, fleet.place);

/** Per store: the ARN and the name of its secret, its kind, its shop, and a policy for its readers. */
export const stores = fleet.stores;
export const kmsKeyArn = fleet.kmsKeyArn;
/** The key of the refresh tokens, which outlives the stack; absent when no store has one. */
export const refreshKeyArn = fleet.refreshKeyArn;
export const enrolFunctionName = fleet.enrolFunctionName;
export const sweepFunctionName = fleet.sweepFunctionName;
/** What install links begin with; absent when no store needs its merchant. */
export const installBaseUrl = fleet.installBaseUrl;
/** What an app's redirect URLs must hold. */
export const callbackUrl = fleet.installBaseUrl?.apply(callbackUrlOf);
/** Where alarms and notices go; absent when config asks for none. */
export const noticeTopicArn = fleet.noticeTopicArn;
export const rotationFunctionName = fleet.rotationFunctionName;
