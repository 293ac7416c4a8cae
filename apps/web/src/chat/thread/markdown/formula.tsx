import type { MathToken } from '@it0/client/markdown/math';

/** Formula as it is written. */
export const Formula = ({ math: { raw, display } }: { math: MathToken }) => (
  <code dir="ltr" className={display ? 'block overflow-x-auto' : undefined}>
    {raw}
  </code>
);
