import type { StoreKey } from "./brands";

/** The rotation periods that divide a day evenly and that Secrets Manager accepts, in hours. */
export const ROTATION_HOURS = [4, 6, 8, 12, 24] as const;

export type RotationHours = (typeof ROTATION_HOURS)[number];

/** The slowest period that survives a missed window of a 24-hour token. */
export const DEFAULT_ROTATION_HOURS: RotationHours = 8;

/** The window in which Secrets Manager may run a rotation that is due, in hours (its default for hourly schedules). */
export const ROTATION_WINDOW_HOURS = 1;

/** A rotation schedule as `aws.secretsmanager.SecretRotation` takes it. */
export interface RotationSchedule {
  /** `cron(0 h/period * * ? *)`, in UTC. */
  readonly expression: string;
  /** The window, such as `1h`. */
  readonly duration: string;
}

/** What the arithmetic says of a period. */
export type ScheduleProof =
  | { readonly verdict: "safe"; readonly why: string }
  | { readonly verdict: "fragile"; readonly why: string }
  | { readonly verdict: "refused"; readonly why: string };

/** The schedule of a store: stores are spread over the hours of the period by a hash of their key. */
export function rotationScheduleOf(store: StoreKey, periodHours: RotationHours): RotationSchedule {
  const firstHour = hashOf(store) % periodHours;
  const hours = periodHours === 24 ? `${firstHour}` : `${firstHour}/${periodHours}`;
  return { expression: `cron(0 ${hours} * * ? *)`, duration: `${ROTATION_WINDOW_HOURS}h` };
}

/** The longest that two rotations can be apart, in hours; the second where one window is missed altogether. */
export function gapHoursOf(periodHours: number): {
  readonly worstGap: number;
  readonly gapAfterMiss: number;
} {
  return {
    worstGap: periodHours + ROTATION_WINDOW_HOURS,
    gapAfterMiss: 2 * periodHours + ROTATION_WINDOW_HOURS,
  };
}

/**
 * Proves that a token of this life is renewed before it ends, and says the arithmetic.
 *
 * The worst gap between two rotations is the period plus the window; when one window is missed
 * altogether, the period counts twice.
 */
export function proveSchedule(periodHours: number, lifetimeSeconds: number): ScheduleProof {
  const lifeHours = lifetimeSeconds / 3_600;
  const { worstGap, gapAfterMiss } = gapHoursOf(periodHours);
  const sum = `every ${periodHours} h plus a window of ${ROTATION_WINDOW_HOURS} h leaves up to ${worstGap} h between two rotations`;
  const missed = `${gapAfterMiss} h when one window is missed`;
  const life = `the token lives ${hoursText(lifeHours)} h`;
  if (worstGap > lifeHours) {
    const dead = hoursText(worstGap - lifeHours);
    return { verdict: "refused", why: `${sum}; ${life}: dead for up to ${dead} h. Use 4, 6 or 8.` };
  }
  if (gapAfterMiss > lifeHours) {
    return { verdict: "fragile", why: `${sum}, ${missed}; ${life}. Use 4, 6 or 8.` };
  }
  return { verdict: "safe", why: `${sum}, ${missed}; ${life}.` };
}

function hoursText(hours: number): string {
  return `${Math.round(hours * 100) / 100}`;
}

/** FNV-1a, 32 bits: small, stable for ever, and even enough to spread stores over hours. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
