import { type Answer, createWorld, token } from "./world";

/** One request and what must come of it. In texts, {arn}, {partial} and {v1}… stand for what the case made. */
export interface CaseStep {
  readonly operation: string;
  readonly input?: object;
  /** Members that the answer must have. */
  readonly answer?: Answer;
  /** Members that the answer must not have. */
  readonly lacks?: readonly string[];
  readonly error?: { readonly code: string; readonly message?: string };
  /** All listed versions with their labels afterwards, by number. */
  readonly labels?: Readonly<Record<number, readonly string[]>>;
}

export interface RecordedCase {
  readonly title: string;
  /** Where the expectation comes from, outside this project. */
  readonly source: string;
  readonly steps: readonly CaseStep[];
}

export const localstack = (test: string): string =>
  `LocalStack, tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json (recorded from AWS): ${test}`;
export const localstackTest = (test: string): string =>
  `LocalStack, tests/aws/services/secretsmanager/test_secretsmanager.py (validated against AWS): ${test}`;
export const moto = (test: string): string =>
  `moto, tests/test_secretsmanager/test_secretsmanager.py (aws_verified): ${test}`;
export const motoList = (test: string): string =>
  `moto, tests/test_secretsmanager/test_list_secrets.py (aws_verified): ${test}`;
export const apiModel = (shape: string): string => `AWS's API model 2017-10-17: ${shape}`;

export const create = (number: number, value: string, more: object = {}): CaseStep => ({
  operation: "CreateSecret",
  input: { Name: "s", ClientRequestToken: token(number), SecretString: value, ...more },
});

export const put = (number: number, value: string, stages?: readonly string[]): CaseStep => ({
  operation: "PutSecretValue",
  input: {
    SecretId: "s",
    ClientRequestToken: token(number),
    SecretString: value,
    ...(stages ? { VersionStages: stages } : {}),
  },
});

export const move = (label: string, from?: number, to?: number): CaseStep => ({
  operation: "UpdateSecretVersionStage",
  input: {
    SecretId: "s",
    VersionStage: label,
    ...(from === undefined ? {} : { RemoveFromVersionId: token(from) }),
    ...(to === undefined ? {} : { MoveToVersionId: token(to) }),
  },
});

/** Runs a case on a world of its own. */
export async function runCase({ steps }: RecordedCase): Promise<void> {
  const world = createWorld();
  const texts = new Map<string, string>();
  const fill = <T>(value: T): T => filledIn(value, texts) as T;
  for (const step of steps) {
    world.clock.now += 1_000;
    const input = fill(step.input ?? { SecretId: "s" });
    if (step.error !== undefined) {
      const error = await world.errorOf(step.operation, input);
      expect({ code: error.code, message: error.message }).toMatchObject(fill(step.error));
    } else {
      const answer = await world.call(step.operation, input);
      if (typeof answer["ARN"] === "string") texts.set("arn", answer["ARN"]);
      expect(answer).toMatchObject(fill(step.answer ?? {}));
      for (const member of step.lacks ?? []) expect(answer).not.toHaveProperty(member);
    }
    if (step.labels !== undefined) await expectLabels(world, step.labels);
  }
}

async function expectLabels(
  world: ReturnType<typeof createWorld>,
  labels: Readonly<Record<number, readonly string[]>>,
): Promise<void> {
  const { Versions } = await world.call("ListSecretVersionIds", { SecretId: "s" });
  const listed = (Versions as { VersionId: string; VersionStages: string[] }[]).map(
    (version) => [version.VersionId, version.VersionStages] as const,
  );
  const expected = Object.entries(labels).map(([number, stages]) => [
    token(Number(number)),
    stages,
  ]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected));
}

/** Fills the texts in plain objects and lists; bytes, dates and matchers stay as they are. */
function filledIn(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return filled(value, texts);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, texts));
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, member]) => [name, filledIn(member, texts)]),
  );
}

const filled = (text: string, texts: ReadonlyMap<string, string>): string =>
  text
    .replace("{arn}", texts.get("arn") ?? "")
    .replace("{partial}", (texts.get("arn") ?? "").slice(0, -7))
    .replace(/\{v(\d+)\}/g, (_all, number: string) => token(Number(number)));
