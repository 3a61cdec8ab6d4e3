import { dirname } from "node:path";
import { readFleet } from "./config/read-fleet";
import { provisionFleet } from "./fleet";

const fleet = provisionFleet(readFleet(dirname(__dirname)));

/** Per store: the ARN and the name of its secret, its kind, its shop, and a policy for its readers. */
export const stores = fleet.stores;
export const kmsKeyArn = fleet.kmsKeyArn;
export const enrolFunctionName = fleet.enrolFunctionName;
export const rotationFunctionName = fleet.rotationFunctionName;
