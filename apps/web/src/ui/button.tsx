import type { ComponentProps } from 'react';

const variants = {
  solid: 'bg-accent text-on-accent hover:brightness-110 font-medium',
  outline: 'border border-line-strong text-ink hover:bg-raised hover:border-soft font-medium',
  ghost: 'text-soft hover:text-ink hover:bg-raised',
  warning: 'bg-warn text-page hover:brightness-110 font-semibold',
  danger: 'bg-bad text-page hover:brightness-110 font-semibold',
  'danger-outline': 'border border-bad/50 text-bad hover:bg-bad-wash hover:border-bad font-medium',
};
const shapes = {
  text: 'min-h-9 px-3.5 gap-2 text-sm pointer-coarse:min-h-11',
  icon: 'size-9 shrink-0 pointer-coarse:size-11',
};

/** Properties of a `Button`. */
export type ButtonProps = ComponentProps<'button'> & { variant?: keyof typeof variants; shape?: keyof typeof shapes };

export const Button = ({ variant = 'outline', shape = 'text', className = '', ...props }: ButtonProps) => (
  <button
    type="button"
    // The tooltip of a button without words.
    title={shape === 'icon' ? props['aria-label'] : undefined}
    className={`inline-flex select-none items-center justify-center rounded-lg transition-[background,border-color,color,filter,opacity] disabled:cursor-not-allowed disabled:opacity-45 aria-disabled:cursor-not-allowed! aria-disabled:opacity-45 ${variants[variant]} ${shapes[shape]} ${className}`}
    {...props}
  />
);
