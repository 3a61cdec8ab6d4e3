import { createPatience } from "../../../local/provider/patience";
import type { ProviderConfig } from "../../../local/provider/provider-config";
import type { Creation, ResourceType } from "../../../local/provider/resource-type";
import { RESOURCE_TYPES } from "../../../local/provider/resource-types";

export const REGION = "us-east-1";

export const CONFIG: ProviderConfig = {
  region: REGION,
  allowedAccountIds: [],
  forbiddenAccountIds: [],
  ignoreTags: { keys: [], keyPrefixes: [] },
  defaultTags: {},
};

export function typeNamed(token: string): ResourceType {
  const type = RESOURCE_TYPES.find((candidate) => candidate.token === token);
  if (!type) throw new Error(`no resource type ${token}`);
  return type;
}

/** Waits that take no time, and are counted. */
export function hurried(patienceMs = 30_000) {
  const pauses: number[] = [];
  const patience = createPatience({
    seed: 1,
    maxDelayMs: 100,
    firstPauseMs: 100,
    patienceMs,
    pause: async (ms) => pauses.push(ms),
  });
  return { patience, pauses };
}

export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Answer = object | Error | ((input: Call["input"]) => object | Error);

/** An AWS that answers by command name; a command without an answer fails the test. */
export function fakeAws(answers: Readonly<Record<string, Answer>>) {
  const calls: Call[] = [];
  const client = {
    send: async (command: { readonly input: Call["input"] }) => {
      const name = command.constructor.name.replace(/Command$/, "");
      calls.push({ name, input: command.input });
      const answer = answers[name];
      if (answer === undefined) throw new Error(`no answer for ${name}`);
      const given = typeof answer === "function" ? answer(command.input) : answer;
      if (given instanceof Error) throw given;
      return given;
    },
  };
  const aws = new Proxy({}, { get: () => client }) as Creation["aws"];
  return { aws, calls };
}

export function awsError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}

export function sessionOn(aws: Creation["aws"], config: ProviderConfig = CONFIG) {
  const { patience, pauses } = hurried();
  const made: string[] = [];
  const session: Creation = {
    aws,
    config,
    patience,
    region: REGION,
    made: (id) => made.push(id),
  };
  return { session, pauses, made };
}
