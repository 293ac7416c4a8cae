/** Result of one check. */
export type Finding = {
  subject: string;
  /** Observed state. */
  state: string;
  /** Remedy for a problem; null when there is none. */
  advice: string | null;
};
