/** The trust policy of a role that only one AWS service takes. */
export function encodeTrust(service: "lambda.amazonaws.com" | "scheduler.amazonaws.com"): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}
