/** Class names of an entry of the sidebar. */
export const sidebarItem =
  'flex min-h-9 w-full items-center gap-3 rounded-lg px-2.5 text-left text-soft hover:bg-raised hover:text-ink aria-[current]:bg-accent-wash aria-[current]:font-medium aria-[current]:text-ink pointer-coarse:min-h-11';
