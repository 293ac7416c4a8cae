import { CopyButton } from './copy-button.tsx';

/** Text to be copied, such as a link or a key. */
export const CopiedText = ({ text, label }: { text: string; label: string }) => (
  <div className="flex min-w-0 items-center rounded-lg border border-line bg-sunken text-faint">
    <code
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      data-testid="copied-text"
      className="min-w-0 flex-1 select-all overflow-x-auto whitespace-nowrap px-3 py-2 font-mono text-ink text-sm [scrollbar-width:none] focus-visible:-outline-offset-2"
    >
      {text}
    </code>
    <CopyButton text={text} label={label} className="border-line border-l" />
  </div>
);
