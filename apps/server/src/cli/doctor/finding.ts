/** One thing the doctor looked at. */
export type Finding = {
  what: string;
  /** What it looks like. */
  seen: string;
  /** What a person can do about it; null when it is as it should be. */
  todo: string | null;
};
