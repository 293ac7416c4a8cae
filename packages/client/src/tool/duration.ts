/** Parts of a duration as it is shown: the two largest units, or one with a decimal place. */
export type Duration =
  | { unit: 'ms'; ms: number }
  | { unit: 's'; seconds: number }
  | { unit: 'min'; minutes: number; seconds: number }
  | { unit: 'h'; hours: number; minutes: number };

/** Splits a duration in milliseconds into the parts that are shown. Each is rounded before it is carried over. */
export function toDuration(ms: number): Duration {
  const rounded = Math.round(ms);
  if (rounded < 1_000) return { unit: 'ms', ms: rounded };
  const tenths = Math.round(ms / 100) / 10;
  if (tenths < 60) return { unit: 's', seconds: tenths };
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return { unit: 'min', minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  const minutes = Math.round(ms / 60_000);
  return { unit: 'h', hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
