import { useFormatter } from 'use-intl';

const units = ['byte', 'kilobyte', 'megabyte'] as const;

/** Returns a function that formats a size in bytes. */
export function useFileSizeFormat() {
  const format = useFormatter();
  return (bytes: number) => {
    const step = bytes < 1_000 ? 0 : bytes < 1_000_000 ? 1 : 2;
    const options = {
      style: 'unit',
      unit: units[step],
      unitDisplay: 'short',
      maximumFractionDigits: step && 1,
    } as const;
    return format.number(bytes / 1_000 ** step, options);
  };
}
