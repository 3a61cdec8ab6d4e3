import { type Answer, FUNCTION, templateFunction, token, type World } from "./world";

export const MINUTE = 60_000;
export const EVERY_8_HOURS = { ScheduleExpression: "cron(0 2/8 * * ? *)", Duration: "1h" };
export const INCOMPLETE = {
  code: "InvalidRequestException",
  message: "A previous rotation isn't complete. That rotation will be reattempted.",
};

export const rotate = (number: number, more: object = {}): object => ({
  SecretId: "s",
  ClientRequestToken: token(number),
  RotationLambdaARN: FUNCTION,
  RotationRules: { AutomaticallyAfterDays: 1 },
  ...more,
});

export async function withSecret(world: World, value: string | null = "old"): Promise<World> {
  world.lambda.run = templateFunction(world);
  await world.call("CreateSecret", {
    Name: "s",
    ClientRequestToken: token(1),
    ...(value === null ? {} : { SecretString: value }),
  });
  return world;
}

export async function rotated(world: World, number: number, more: object = {}): Promise<Answer> {
  const answer = await world.call("RotateSecret", rotate(number, more));
  await world.model.settled();
  return answer;
}

export const stepsOf = (world: World): string[] => world.invocations.map(({ step }) => step);
export const ALL_STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];
export const describeIt = (world: World): Promise<Answer> =>
  world.call("DescribeSecret", { SecretId: "s" });
