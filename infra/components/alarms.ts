import { MetricAlarm } from "@pulumi/aws/cloudwatch";
import { Topic, TopicPolicy } from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmDefinition, alarmsOf } from "../../contract/alarms";
import { type FunctionRole, noticeTopicName } from "../../contract/names";
import { encodeTopicPolicy } from "../policies/notices";
import type { Place } from "../policies/statement";

export interface NoticeTopicArgs {
  /** The head of the stack's secret names. */
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An SNS topic of the stack's own, for alarms and notices; whom it tells is up to you to subscribe. */
export class NoticeTopic extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: NoticeTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:NoticeTopic", name, {}, opts);
    const topic = new Topic(
      `${name}-topic`,
      {
        name: noticeTopicName(args.prefix),
        displayName: "shopify-secrets",
        ...(args.tags === undefined ? {} : { tags: args.tags }),
      },
      { parent: this },
    );
    new TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: pulumi
          .all([topic.arn, args.place])
          .apply(([topicArn, place]) => encodeTopicPolicy(topicArn, place)),
      },
      { parent: this },
    );
    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

export interface AlarmsArgs {
  readonly prefix: string;
  /** Told when an alarm begins and when it ends. */
  readonly topicArn: pulumi.Input<string>;
  /** The functions that the stack has. */
  readonly functions: readonly FunctionRole[];
  /** Whether every merchant may install an app of the stack. Default: no. */
  readonly openInstalls?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The alarms of a stack, over the fleet's metrics and its functions. */
export class Alarms extends pulumi.ComponentResource {
  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:Alarms", name, {}, opts);
    for (const definition of alarmsOf(args.prefix, args.functions, args.openInstalls)) {
      createAlarm(this, `${name}-${definition.key}`, { definition, args });
    }
    this.registerOutputs({});
  }
}

function createAlarm(
  parent: Alarms,
  name: string,
  { definition, args }: { readonly definition: AlarmDefinition; readonly args: AlarmsArgs },
): void {
  new MetricAlarm(
    name,
    {
      name: definition.name,
      alarmDescription: definition.description,
      namespace: definition.namespace,
      metricName: definition.metricName,
      dimensions: { ...definition.dimensions },
      statistic: definition.statistic,
      period: definition.periodSeconds,
      evaluationPeriods: definition.evaluationPeriods,
      datapointsToAlarm: definition.datapointsToAlarm,
      comparisonOperator: definition.comparison,
      threshold: definition.threshold,
      treatMissingData: definition.missingData,
      alarmActions: [args.topicArn],
      okActions: [args.topicArn],
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent },
  );
}
