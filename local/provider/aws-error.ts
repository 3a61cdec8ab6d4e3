/** True for an AWS error of one of these names whose message holds the text, where one is given. */
export function isAwsError(error: unknown, names: readonly string[], holding = ""): boolean {
  return error instanceof Error && names.includes(error.name) && error.message.includes(holding);
}

/** Undefined instead of AWS's "not found". */
export async function unlessMissing<T>(
  call: Promise<T>,
  names: readonly string[],
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, names)) return undefined;
    throw error;
  }
}

/** Puts what was tried before AWS's own words, as the official provider does. */
export async function during<T>(deed: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Error(`${deed}: ${describe(error)}`, { cause: error });
  }
}

/** `Name: message`, for AWS errors, or the message. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "$metadata" in error ? `${error.name}: ${error.message}` : error.message;
}
