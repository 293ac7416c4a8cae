export const Logo = ({ short = false }: { short?: boolean }) => (
  <span className="flex items-center gap-2 text-base font-bold tracking-tight">
    <svg viewBox="0 0 20 20" className="size-5" aria-hidden="true">
      <path
        d="M2 4.5 7.5 10 2 15.5"
        fill="none"
        className="stroke-accent"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="14" cy="10" r="4.3" fill="none" stroke="currentColor" strokeWidth="2.4" />
    </svg>
    {!short && 'IT0'}
  </span>
);
