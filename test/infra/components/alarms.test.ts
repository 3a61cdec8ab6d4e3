import * as pulumi from "@pulumi/pulumi";
import { alarmsOf } from "../../../contract/alarms";
import { Alarms, NoticeTopic } from "../../../infra/components/alarms";
import { ofType, policyIn, type Recorded, recordResources } from "../recorded";

const PREFIX = "shopify/dev";
const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const TOPIC = "arn:aws:sns:us-east-1:000000000000:on-call";
const ROLES = ["rotate", "enrol", "sweep"] as const;

describe("the alarms of a stack", () => {
  let alarms: Recorded[];

  beforeAll(async () => {
    const recorded = await recordResources(() => {
      new Alarms("alarms", { prefix: PREFIX, topicArn: TOPIC, functions: ROLES });
    });
    alarms = ofType(recorded, "aws:cloudwatch/metricAlarm:MetricAlarm");
  });

  test("are those of the contract, number for number", () => {
    const wanted = alarmsOf(PREFIX, ROLES).map((alarm) => ({
      name: alarm.name,
      alarmDescription: alarm.description,
      namespace: alarm.namespace,
      metricName: alarm.metricName,
      dimensions: alarm.dimensions,
      statistic: alarm.statistic,
      period: alarm.periodSeconds,
      evaluationPeriods: alarm.evaluationPeriods,
      datapointsToAlarm: alarm.datapointsToAlarm,
      comparisonOperator: alarm.comparison,
      threshold: alarm.threshold,
      treatMissingData: alarm.missingData,
      alarmActions: [TOPIC],
      okActions: [TOPIC],
    }));
    expect(alarms.map(({ inputs }) => inputs)).toEqual(wanted);
  });

  test("have logical names that do not change with the stack", () => {
    expect(alarms.map(({ name }) => name)).toContain("alarms-sweep-silent");
    expect(alarms.filter(({ name }) => name.includes("dev"))).toEqual([]);
  });
});

test("the topic lets this account's alarms publish, and nobody else's", async () => {
  const recorded = await recordResources(() => {
    new NoticeTopic("notices", { prefix: PREFIX, place: pulumi.output(PLACE) });
  });
  const [topic] = ofType(recorded, "aws:sns/topic:Topic");
  expect(topic?.inputs["name"]).toBe("shopify-dev-notices");
  const [policy] = ofType(recorded, "aws:sns/topicPolicy:TopicPolicy");
  expect(policyIn(policy, "policy")).toMatchObject({
    Statement: [
      {
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Condition: {
          StringEquals: { "aws:SourceAccount": "000000000000" },
          ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*" },
        },
      },
      { Principal: { AWS: "arn:aws:iam::000000000000:root" } },
    ],
  });
});
