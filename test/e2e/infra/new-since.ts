import type { RECORDS } from "../../recorded/recorded-stack";

/** Resources that the program has got since a record was made, as `+ <type> <name>`; each is to be explained here. */
export const NEW_SINCE: Readonly<Record<(typeof RECORDS)[number], readonly string[]>> = {
  bd3089e: [
    // The app's own address, and the button behind which the approval of a store that is well begins.
    "+ aws:apigatewayv2:Route install-route-appUrl",
    "+ aws:apigatewayv2:Route install-route-approve",
    // The pictures, wherever alarms are.
    "+ aws:cloudwatch:Dashboard dashboard",
    "+ aws:cloudwatch:MetricAlarm alarms-install-refusals",
    // Lambda's own retries of the sweep, which are off.
    "+ aws:lambda:FunctionEventInvokeConfig sweep-retries",
  ],
};
