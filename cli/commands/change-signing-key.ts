import type { AppKey } from "../../contract/brands";
import { refuseWithoutNext } from "../change-key/commands";
import { goOn, type KeyChange, STEPS, storesSignedFor } from "../change-key/key-change";
import type { Call } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { atOnce } from "../fleet/at-once";
import { readFleet } from "../fleet/fleet";
import { renewalComplaint } from "../fleet/renewal-complaint";
import {
  keyJson,
  lookAtKey,
  roleOf,
  type SigningKeySeen,
  signingKeyArnsOf,
} from "../fleet/signing-keys";
import type { StoreSeen } from "../fleet/store-view";
import { formatComplaints } from "../print/complaints";
import { writeResult } from "../print/json";
import { ageText } from "../print/spans";
import { outPaint } from "../print/stores";
import { formatTable } from "../print/table";

/** `rotate --signing-key`: leads through the change of the key that signs for an app, a step at a time. */
export async function changeSigningKey(call: Call, app: AppKey, waitMs: number): Promise<ExitCode> {
  const keyArns = await signingKeyArnsOf(call, app);
  const [signs, other] = await atOnce(keyArns, (keyArn) => lookAtKey(call, app, keyArn));
  if (signs !== undefined && other === undefined) refuseWithoutNext(call, app, signs);
  const stores = storesSignedFor(app, await readFleet(call));
  const change = await goOn(
    call,
    { app, signs: signs as SigningKeySeen, other: other as SigningKeySeen, stores },
    waitMs,
  );
  writeResult(call, jsonOf(call, change), () => textOf(call, change, stores));
  return change.isSafeToRevoke ? EXIT.well : EXIT.needsPerson;
}

function textOf(call: Call, change: KeyChange, stores: readonly StoreSeen[]): string {
  const { app, signs, other, says, next, code } = change;
  const paint = outPaint(call.host);
  const keys = formatTable(
    {
      columns: [
        { title: "KEY" },
        { title: "ROLE" },
        { title: "AGE", align: "right" },
        { title: "KID" },
      ],
      rows: [signs, other].map((key) => [
        { text: key.name },
        { text: roleOf(key, [signs, other]) },
        { text: key.createdAt === undefined ? "-" : ageText(key.createdAt, call.now()) },
        { text: key.kid },
      ]),
    },
    call.host.out.columns,
    paint,
  );
  const at = STEPS.indexOf(change.step);
  const steps = STEPS.map((step, place) => {
    if (place < at) return `${paint("done", "green")}  ${step}`;
    return place === at ? `${paint("next", "yellow")}  ${paint(step, "bold")}` : `      ${step}`;
  });
  const complaints = change.renewals.flatMap((one) => renewalComplaint(one, stores) ?? []);
  const shown = complaints.length === 0 ? "" : `${formatComplaints(complaints, call.host)}\n`;
  const what = code === "" ? says : `${code}: ${says}`;
  return `App ${app} changes the key that signs for it.\n\n${keys}\n${steps.map((line) => `  ${line}\n`).join("")}\n${shown}${what}.\nNext: ${next}\n`;
}

function jsonOf({ prefix }: Call, change: KeyChange): object {
  const { app, signs, other, step, code, says, next, onNewest, left } = change;
  return {
    prefix,
    app,
    keys: [signs, other].map((key) => keyJson(key, [signs, other])),
    step,
    code: code === "" ? null : code,
    says,
    next,
    on_newest: onNewest,
    on_older: left,
    is_safe_to_revoke: change.isSafeToRevoke,
  };
}
