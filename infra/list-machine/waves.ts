import { WAVE_LABEL } from "../../contract/listed/wave-run";
import { callOf, type MachineParts, resultWriterOf } from "./parts";

/** What a renewal says of a token that is well, or that is too young to be renewed again. */
const WELL = ["", "scope_missing", "version_budget_spent"];

/** A store that did not come to its end is asked for again: what was cut off is taken up, and what is done is found. */
const AGAIN = { ErrorEquals: ["States.ALL"], IntervalSeconds: 20, MaxAttempts: 2, BackoffRate: 3 };

/** The waves of a run, one after another: one that fails too often ends the run, and the others are not begun. */
export function wavesOfRun(parts: MachineParts): object {
  return {
    Type: "Map",
    ItemsPath: "$.waves",
    ItemSelector: { "run.$": "$$.Execution.Name", "wave.$": "$$.Map.Item.Value" },
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      StartAt: "Rest",
      States: {
        Rest: { Type: "Wait", SecondsPath: "$.wave.restSeconds", Next: WAVE_LABEL },
        [WAVE_LABEL]: waveMap(parts),
      },
    },
    ResultPath: null,
    Next: "Done",
  };
}

function waveMap(parts: MachineParts): object {
  const { partition, bucket, concurrency } = parts;
  return {
    Type: "Map",
    Label: WAVE_LABEL,
    ItemReader: {
      Resource: `arn:${partition}:states:::s3:getObject`,
      ReaderConfig: { InputType: "JSONL" },
      Parameters: { Bucket: bucket, "Key.$": "$.wave.key" },
    },
    ItemSelector: { "run.$": "$.run", "item.$": "$$.Map.Item.Value" },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
      StartAt: "Change",
      States: statesOfStore(parts),
    },
    MaxConcurrency: concurrency,
    ToleratedFailurePercentagePath: "$.wave.tolerated",
    ...resultWriterOf(parts),
    ResultPath: null,
    End: true,
  };
}

function statesOfStore(parts: MachineParts): object {
  const well = WELL.map((code) => ({
    And: [
      { Variable: "$.changed.answer.stores[0].state", StringEquals: "ok" },
      { Variable: "$.changed.answer.stores[0].code", StringEquals: code },
    ],
    Next: "Changed",
  }));
  // A migration answers for its one store, and fails by its error alone.
  const migrated = {
    Variable: "$.changed.answer.outcome",
    IsPresent: true,
    Next: "Changed",
  };
  return {
    Change: {
      ...callOf(parts, parts.sweepArn, { "Payload.$": "$.item.event" }),
      Retry: [AGAIN],
      ResultSelector: { "answer.$": "$.Payload" },
      ResultPath: "$.changed",
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "NoteChange" }],
      Next: "Judge",
    },
    Judge: { Type: "Choice", Choices: [migrated, ...well], Default: "Refused" },
    Refused: {
      Type: "Pass",
      Parameters: { "Error.$": "$.changed.answer.stores[0].code", Cause: "" },
      ResultPath: "$.error",
      Next: "NoteChange",
    },
    NoteChange: {
      ...callOf(parts, parts.applyArn, {
        Payload: {
          action: "note_change",
          "run.$": "$.run",
          "item.$": "$.item",
          "error.$": "$.error",
        },
      }),
      ResultPath: null,
      Next: "NotChanged",
    },
    NotChanged: { Type: "Fail", Error: "StoreFailed" },
    Changed: { Type: "Pass", Parameters: { "store.$": "$.item.store" }, End: true },
  };
}
