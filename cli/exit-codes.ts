/** What the command's exit code says. `exec` ends with its child's own code once the child runs. */
export const EXIT = {
  /** All is well. */
  well: 0,
  /** The command did its work, and something needs a person. */
  needsPerson: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** The command could not do its work. */
  failed: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
