import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

export const menuItem =
  'flex min-h-9 w-full cursor-pointer select-none items-center gap-2.5 rounded-lg px-2.5 text-left outline-none data-highlighted:bg-accent-wash pointer-coarse:min-h-11';

type MenuProps = {
  trigger: ReactNode;
  /** Opens the menu when it is mounted, as by this input. */
  openedBy?: 'keyboard' | 'pointer' | null;
  className: string;
  children: ReactNode;
};

/** Dropdown menu that stays within the window. */
export function Menu({ trigger, openedBy = null, className, children }: MenuProps) {
  // As the library does it after a key, except one that was pressed before the menu was mounted.
  const focusesFirst = useRef(openedBy === 'keyboard');
  const focusFirst = (menu: HTMLElement | null) => {
    if (!menu || !focusesFirst.current) return;
    focusesFirst.current = false;
    menu.querySelector<HTMLElement>('[role=menuitem]')?.focus({ preventScroll: true });
  };
  return (
    // Not modal: that would hide the whole page, with its landmarks, from screen readers.
    <DropdownMenu.Root modal={false} defaultOpen={openedBy !== null}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.getElementById('main')}>
        <DropdownMenu.Content
          ref={focusFirst}
          align="end"
          sideOffset={4}
          collisionPadding={12}
          className={`z-40 max-h-(--radix-dropdown-menu-content-available-height) max-w-[calc(100vw-1.5rem)] animate-fade-in overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-(--shadow) outline-none ${className}`}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type ItemProps = { icon: ReactNode; children: ReactNode; onSelect(): void };

export const MenuItem = ({ icon, children, onSelect }: ItemProps) => (
  <DropdownMenu.Item className={menuItem} onSelect={onSelect}>
    <span className="text-faint *:size-4">{icon}</span>
    {children}
  </DropdownMenu.Item>
);

export const MenuSeparator = () => <DropdownMenu.Separator className="my-1.5 h-px bg-line" />;

type ChoiceProps<T extends string> = {
  label: string;
  value: T | undefined;
  options: { value: T; name: string }[];
  onChoose(value: T): void;
};

/** Group of options in a menu, of which one is selected. */
export const MenuChoice = <T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) => (
  <>
    <MenuSeparator />
    <DropdownMenu.Label className="px-2.5 pt-0.5 pb-1 text-faint text-xs">{label}</DropdownMenu.Label>
    <DropdownMenu.RadioGroup
      value={value}
      onValueChange={(next) => {
        if (next !== value) onChoose(next as T);
      }}
    >
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={menuItem}>
          <span className="min-w-0 flex-1 truncate">{option.name}</span>
          <DropdownMenu.ItemIndicator>
            <Check className="size-4 text-accent" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  </>
);
