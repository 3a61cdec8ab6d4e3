import { costOf } from "../../../cli/preview/cost";
import { formatReport, losesSecrets, reportOn } from "../../../cli/preview/report";
import { errorsIn, parsePreview, type Step } from "../../../cli/preview/steps";
import { METRICS } from "../../../contract/metrics";

const STORE = "shopify-secrets:index:StoreSecret";
const plain = (text: string) => text;
const marked = (text: string, colour: string | undefined) => (colour ? `<${colour}>${text}` : text);

function step(op: string, [type, name]: [string, string], more: Partial<Step> = {}): Step {
  const ofStore = /-(secret|enrolment|rotation)$/.test(name);
  return { op, type, name, ofStore, changed: [], physicalName: "", ...more };
}

const secret = (op: string, store: string, more: Partial<Step> = {}) =>
  step(op, ["aws:secretsmanager/secret:Secret", `${store}-secret`], more);
const enrolment = (op: string, store: string, changed: string[] = []) =>
  step(op, ["aws:lambda/invocation:Invocation", `${store}-enrolment`], { changed });

describe("reading a preview", () => {
  test("takes the op, the type, the name and what changes", () => {
    const text = JSON.stringify({
      steps: [
        {
          op: "update",
          urn: `urn:pulumi:dev::shopify-secrets::${STORE}$aws:secretsmanager/secret:Secret::acme-secret`,
          newState: { inputs: { name: "shopify/dev/stores/acme/token" } },
          detailedDiff: { description: { kind: "update" } },
          diffReasons: ["description"],
        },
        { op: "same", urn: "urn:pulumi:dev::shopify-secrets::aws:kms/key:Key::secrets-key" },
      ],
    });
    expect(parsePreview(text)).toEqual([
      secret("update", "acme", {
        changed: ["description"],
        physicalName: "shopify/dev/stores/acme/token",
      }),
      step("same", ["aws:kms/key:Key", "secrets-key"]),
    ]);
  });

  test.each(["", "no JSON", "[]", '{"steps":1}'])("refuses %j", (text) => {
    expect(parsePreview(text)).toBeUndefined();
  });

  test("finds the errors, which stand among other diagnostics", () => {
    const diagnostics = [
      { severity: "warning", message: "using …" },
      { severity: "error", message: "1 problem in config\n" },
    ];
    expect(errorsIn(JSON.stringify({ diagnostics }))).toEqual(["1 problem in config"]);
  });
});

describe("the report", () => {
  test("says what is lost first, and in red", () => {
    const report = reportOn([
      secret("create", "new"),
      secret("delete", "old"),
      secret("replace", "moved"),
    ]);
    expect(losesSecrets(report)).toBe(true);
    expect(formatReport(report, marked).split("\n").slice(0, 5)).toEqual([
      "<red>Stores that would lose their secret, its values and its history:",
      "<red>  moved (replace)",
      "<red>  old (delete)",
      "New stores:",
      "  new",
    ]);
  });

  test("says which enrolments run and why", () => {
    const report = reportOn([
      enrolment("create", "new"),
      enrolment("replace", "acme", ["triggers.scopes", "input"]),
      enrolment("replace", "beta", ["functionName"]),
      enrolment("replace", "gamma", ["input"]),
      enrolment("same", "delta"),
    ]);
    expect(report.enrolled).toEqual([
      "acme: changed scopes",
      "beta: the enrol function is replaced",
      "gamma: changed token, key or secret",
      "new: first value",
    ]);
    expect(losesSecrets(report)).toBe(false);
  });

  test("gathers the changes of a store", () => {
    const report = reportOn([
      secret("update", "acme", { changed: ["tags.team"] }),
      step("update", ["aws:secretsmanager/secretRotation:SecretRotation", "acme-rotation"], {
        changed: ["rotationRules.scheduleExpression"],
      }),
    ]);
    expect(report.changed).toEqual(["acme: tags.team, rotationRules.scheduleExpression"]);
  });

  test("explains a name that a deleted secret still holds", () => {
    const name = "shopify/dev/stores/acme/token";
    const report = reportOn([secret("create", "acme", { physicalName: name })], new Set([name]));
    expect(report.blocked).toEqual([
      "acme: secret_pending_deletion: the secret is scheduled for deletion. Next: shopify-secrets restore acme",
    ]);
  });

  test("counts what belongs to no store, a replacement once", () => {
    const type = "aws:lambda/function:Function";
    const report = reportOn([
      step("create-replacement", [type, "enrol-function"]),
      step("replace", [type, "enrol-function"]),
      step("delete-replaced", [type, "enrol-function"]),
      step("same", [type, "rotate-function"]),
    ]);
    expect(report.others).toEqual({ replace: 1 });
  });

  test("says when there is nothing to do", () => {
    expect(formatReport(reportOn([secret("same", "acme")]), plain)).toBe(
      "No changes.\nA month: $0.40 now, $0.40 after, without calls.\n",
    );
  });
});

test("the cost counts secrets, keys, alarms and the sweep's metrics", () => {
  const cost = costOf([
    secret("same", "acme"),
    secret("create", "new"),
    secret("delete", "old"),
    step("same", ["aws:kms/key:Key", "secrets-key"]),
    step("create", ["aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-dead"]),
    step("same", ["aws:scheduler/schedule:Schedule", "sweep-schedule"]),
  ]);
  const metrics = Object.keys(METRICS).length * 0.3;
  expect(cost.now).toBeCloseTo(0.4 + 0.4 + 1 + metrics);
  expect(cost.after).toBeCloseTo(0.4 + 0.4 + 1 + 0.1 + metrics);
});
