/** Leaves out what is undefined, as AWS's answers do. */
export function present(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/**
 * The labels of a version; a version without any shows no such member (recorded for
 * ListSecretVersionIds; the API model's SecretVersionStagesType holds at least one everywhere).
 */
export function shownStages(stages: readonly string[]): { VersionStages?: readonly string[] } {
  return stages.length === 0 ? {} : { VersionStages: [...stages] };
}

/** An instant as the answers carry it. */
export const dateOf = (epochMs: number | undefined): Date | undefined =>
  epochMs === undefined ? undefined : new Date(epochMs);
