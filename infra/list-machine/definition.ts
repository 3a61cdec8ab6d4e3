import { MAP_LABEL } from "../../contract/listed/list-steps";
import { callOf, type MachineParts, RETRY_NEW_ROLE, resultWriterOf } from "./parts";
import { wavesOfRun } from "./waves";

/** The state machine of a list, in the Amazon States Language. */
export function encodeMachine(parts: MachineParts): string {
  return JSON.stringify({
    Comment:
      "Compares a list of stores with what is there, and carries out the difference; or changes stores in waves",
    StartAt: "WhichRun",
    States: {
      WhichRun: {
        Type: "Choice",
        Choices: [{ Variable: "$.waves", IsPresent: true, Next: "Waves" }],
        Default: "Plan",
      },
      Waves: wavesOfRun(parts),
      Plan: {
        ...callOf(parts, parts.applyArn, {
          Payload: {
            action: "plan",
            "run.$": "$$.Execution.Name",
            "input.$": "$$.Execution.Input",
            tolerated_failures: parts.toleratedFailures,
          },
        }),
        ...RETRY_NEW_ROLE,
        ResultSelector: { "plan.$": "$.Payload" },
        Next: "AnythingToDo",
      },
      AnythingToDo: {
        Type: "Choice",
        Choices: [{ Variable: "$.plan.tasks", NumericEquals: 0, Next: "Done" }],
        Default: MAP_LABEL,
      },
      [MAP_LABEL]: mapOf(parts),
      Done: { Type: "Succeed" },
    },
  });
}

function mapOf(parts: MachineParts): object {
  const { partition } = parts;
  return {
    Type: "Map",
    Label: MAP_LABEL,
    ItemReader: {
      Resource: `arn:${partition}:states:::s3:getObject`,
      ReaderConfig: { InputType: "JSONL" },
      Parameters: { "Bucket.$": "$.plan.bucket", "Key.$": "$.plan.key" },
    },
    ItemSelector: { "run.$": "$$.Execution.Name", "item.$": "$$.Map.Item.Value" },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
      StartAt: "Make",
      States: statesOfStore(parts),
    },
    MaxConcurrency: parts.concurrency,
    // Of a small run more than config's share, which a single store would be more than.
    ToleratedFailurePercentagePath: "$.plan.tolerated",
    ...resultWriterOf(parts),
    ResultPath: null,
    Next: "Done",
  };
}

/** One store: its secret, then its token, then its rotation; what fails is written down, and counted. */
function statesOfStore(parts: MachineParts): object {
  const { applyArn, enrolArn } = parts;
  const noted = { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Note" }] };
  return {
    Make: {
      ...callOf(parts, applyArn, { Payload: { action: "make", "item.$": "$.item" } }),
      ResultSelector: { "next.$": "$.Payload.next", "enrol.$": "$.Payload.enrol" },
      ResultPath: "$.made",
      ...noted,
      Next: "AnyToken",
    },
    AnyToken: {
      Type: "Choice",
      Choices: [{ Variable: "$.made.next", StringEquals: "enrol", Next: "Enrol" }],
      Default: "Finished",
    },
    Enrol: {
      ...callOf(parts, enrolArn, { "Payload.$": "$.made.enrol" }),
      ResultSelector: { "outcome.$": "$.Payload.outcome" },
      ResultPath: "$.enrolled",
      ...noted,
      Next: "Schedule",
    },
    Schedule: {
      ...callOf(parts, applyArn, { Payload: { action: "schedule", "item.$": "$.item" } }),
      ResultPath: null,
      ...noted,
      Next: "Finished",
    },
    Note: {
      ...callOf(parts, applyArn, {
        Payload: {
          action: "note",
          "run.$": "$.run",
          "item.$": "$.item",
          "error.$": "$.error",
        },
      }),
      ResultPath: null,
      Next: "Failed",
    },
    Failed: { Type: "Fail", Error: "StoreFailed" },
    Finished: { Type: "Pass", Parameters: { "store.$": "$.item.store" }, End: true },
  };
}
