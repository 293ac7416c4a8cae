import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';

export const item =
  'flex min-h-9 w-full cursor-pointer select-none items-center gap-2.5 rounded-lg px-2.5 text-left outline-none data-highlighted:bg-accent-wash pointer-coarse:min-h-11';

type Props<T extends string> = {
  label: string;
  value: T | undefined;
  options: { value: T; name: string }[];
  onChoose(value: T): void;
};

/** One of several, within a menu; the one that holds is marked. */
export const MenuChoice = <T extends string>({ label, value, options, onChoose }: Props<T>) => (
  <>
    <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
    <DropdownMenu.Label className="px-2.5 pt-0.5 pb-1 text-faint text-xs">{label}</DropdownMenu.Label>
    <DropdownMenu.RadioGroup
      value={value}
      onValueChange={(next) => {
        if (next !== value) onChoose(next as T);
      }}
    >
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={item}>
          <span className="min-w-0 flex-1 truncate">{option.name}</span>
          <DropdownMenu.ItemIndicator>
            <Check className="size-4 text-accent" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  </>
);
