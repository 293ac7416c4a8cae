import type { ReactNode } from 'react';

type Props = { label: string; icon: ReactNode; onClick(button: HTMLElement): void; 'data-edit'?: string };

/** Small button of a message, with an icon. */
export const IconButton = ({ label, icon, onClick, ...data }: Props) => (
  <button
    type="button"
    title={label}
    aria-label={label}
    onClick={(event) => onClick(event.currentTarget)}
    className="grid size-8 place-items-center rounded-md text-soft hover:bg-raised hover:text-ink pointer-coarse:size-11"
    {...data}
  >
    {icon}
  </button>
);
