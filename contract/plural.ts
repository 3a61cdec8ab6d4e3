/** A number of things as a sentence has it, such as `1 store` or `3 stores`. */
export function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
