import { type ReactNode, useId } from 'react';

type Option<T extends string> = { value: T; name: string; icon?: ReactNode; lang?: string };

type Props<T extends string> = {
  label: string;
  value: T;
  options: Option<T>[];
  onChoose(value: T): void;
};

/** Group of radio buttons for a setting that takes effect at once. */
export function Choice<T extends string>({ label, value, options, onChoose }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium text-sm">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map((option) => (
          <label
            key={option.value}
            lang={option.lang}
            className="flex min-h-10 flex-1 basis-28 cursor-pointer items-center gap-2.5 rounded-lg border border-line-strong bg-raised px-3 py-1.5 has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2 pointer-coarse:min-h-11"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
              className="size-4 shrink-0 accent-accent outline-none"
            />
            {option.icon && <span className="text-faint *:size-4">{option.icon}</span>}
            {option.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
