/** A mistake in what a program passes. */
export interface Problem {
  readonly property: string;
  readonly reason: string;
}
