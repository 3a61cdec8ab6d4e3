import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  RestoreSecretCommand,
  TagResourceCommand,
} from "@aws-sdk/client-secrets-manager";
import { STATUS_TAG_PREFIX } from "../contract/store/status";
import { DAY_MS } from "../contract/time";
import { VERSION_ASSUMPTIONS as ASSUMED } from "./catalogue";
import { fails, holds, holdsIf, type Sight } from "./findings";
import { refusalOf } from "./patience";
import { ProbeSecret } from "./probe-secret";
import type { Run } from "./run";

const DECLARATION =
  '{"v":1,"kind":"client-credentials","shop":"smoke.myshopify.com","app":"smoke","scopes":"read_orders,write_products","api":"2026-10"}';
const FIRST_STATUS = {
  state: "ok",
  "last-success-at": "2026-11-23T12:00:00Z",
  "last-error-code": "shopify_unreachable",
};

/** Checks what a secret's versions and labels do, on secrets of the run's own. */
export async function checkVersions(run: Run): Promise<void> {
  run.say("Secrets Manager: versions and labels");
  const { findings } = run;
  const secret = await ProbeSecret.create(run, "versions", { Description: DECLARATION });
  const [one, two, three, four] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await findings.check(ASSUMED.description, async () => {
    const { Description } = await secret.describe();
    return holdsIf(Description === DECLARATION, `the description is ${Description}`);
  });
  await findings.check(ASSUMED.first, () => firstValue(secret, one));
  await findings.check(ASSUMED.unchanging, () => unchanging(secret, one));
  await findings.check(ASSUMED.swap, () => compareAndSwap(secret, one, two));
  await findings.check(ASSUMED.previous, async () => {
    const labels = await secret.labelsOf(one, (found) => found.includes("AWSPREVIOUS"));
    return holdsIf(labels.includes("AWSPREVIOUS"), `the older version has ${labels}`);
  });
  await findings.check(ASSUMED.pendingFalls, () => pendingFalls(secret, three, four));
  await findings.check(ASSUMED.tags, () => statusTags(run, secret));
  await findings.check(ASSUMED.described, () => describedAtOnce(run, secret));
  await findings.check(ASSUMED.deletedName, () => deletedName(run));
  await findings.check(ASSUMED.deletedDate, () => deletedDate(run));
}

async function describedAtOnce(run: Run, secret: ProbeSecret): Promise<Sight> {
  const Key = `${STATUS_TAG_PREFIX}version`;
  const Value = randomUUID();
  await run.secrets.send(new TagResourceCommand({ SecretId: secret.arn, Tags: [{ Key, Value }] }));
  const { Tags = [] } = await secret.describe();
  const shown = Tags.find((tag) => tag.Key === Key)?.Value;
  return holdsIf(shown === Value, "a tag that was just written is not shown");
}

async function firstValue(secret: ProbeSecret, versionId: string): Promise<Sight> {
  await secret.put(versionId, "a", ["AWSPENDING"]);
  const labels = await secret.labelsOf(versionId, (found) => found.length > 0);
  if (labels.includes("AWSCURRENT")) return holds();
  await secret.move("AWSCURRENT", { to: versionId });
  return fails(`the first value has ${labels}`);
}

async function unchanging(secret: ProbeSecret, versionId: string): Promise<Sight> {
  const other = await refusalOf(secret.put(versionId, "another value", ["AWSPENDING"]));
  const same = await refusalOf(secret.put(versionId, "a", ["AWSPENDING"]));
  const isSo = other === "ResourceExistsException" && same === undefined;
  return holdsIf(isSo, `other bytes: ${other ?? "taken"}; the same bytes: ${same ?? "taken"}`);
}

async function compareAndSwap(secret: ProbeSecret, one: string, two: string): Promise<Sight> {
  await secret.put(two, "b", ["AWSPENDING"]);
  const unnamed = await refusalOf(secret.move("AWSCURRENT", { to: two }));
  const wrong = await refusalOf(secret.move("AWSCURRENT", { from: two, to: two }));
  const right = await refusalOf(secret.move("AWSCURRENT", { from: one, to: two }));
  const isSo = unnamed !== undefined && wrong !== undefined && right === undefined;
  const shown = [unnamed, wrong, right].map((refusal) => refusal ?? "moved");
  return holdsIf(isSo, `unnamed, wrong and right holder: ${shown.join(", ")}`);
}

async function pendingFalls(secret: ProbeSecret, pending: string, next: string): Promise<Sight> {
  await secret.put(pending, "c", ["AWSPENDING"]);
  await secret.put(next, "d");
  const labels = await secret.labelsOf(pending, (found) => !found.includes("AWSPENDING"));
  return holdsIf(!labels.includes("AWSPENDING"), `the pending version has ${labels}`);
}

async function statusTags(run: Run, secret: ProbeSecret): Promise<Sight> {
  const Tags = Object.entries(FIRST_STATUS).map(([name, Value]) => ({
    Key: `${STATUS_TAG_PREFIX}${name}`,
    Value,
  }));
  await run.secrets.send(new TagResourceCommand({ SecretId: secret.arn, Tags }));
  return holds();
}

async function deletedName(run: Run): Promise<Sight> {
  const { secrets } = run;
  const secret = await ProbeSecret.create(run, "deleted");
  const { Name } = await secrets.send(new DescribeSecretCommand({ SecretId: secret.arn }));
  await secrets.send(new DeleteSecretCommand({ SecretId: secret.arn, RecoveryWindowInDays: 7 }));
  const again = new CreateSecretCommand({ Name, ClientRequestToken: randomUUID() });
  const refusal = await refusalOf(secrets.send(again));
  // What waits for its deletion cannot be deleted at once.
  await secrets.send(new RestoreSecretCommand({ SecretId: secret.arn }));
  return holdsIf(refusal === "InvalidRequestException", refusal ?? "the name was taken again");
}

async function deletedDate(run: Run): Promise<Sight> {
  const { secrets } = run;
  const secret = await ProbeSecret.create(run, "deleted-date");
  const request = new DeleteSecretCommand({ SecretId: secret.arn, RecoveryWindowInDays: 7 });
  const { DeletionDate: ends } = await secrets.send(request);
  const { DeletedDate: dated } = await secrets.send(
    new DescribeSecretCommand({ SecretId: secret.arn }),
  );
  // What waits for its deletion cannot be deleted at once.
  await secrets.send(new RestoreSecretCommand({ SecretId: secret.arn }));
  const daysBefore = ((ends?.getTime() ?? 0) - (dated?.getTime() ?? 0)) / DAY_MS;
  const saw = `DeletedDate is ${dated?.toISOString()}, DeletionDate ${ends?.toISOString()}`;
  return holdsIf(Math.round(daysBefore) === 7, saw);
}
