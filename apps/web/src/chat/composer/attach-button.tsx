import { useChatScope } from '@it0/client/react/chat-scope';
import { Paperclip } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';

/** Picks files for the message that is being written; on a phone, photographs too. */
export function AttachButton({ disabled }: { disabled: boolean }) {
  const t = useTranslations('composer');
  const { chat } = useChatScope();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        data-testid="file-input"
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          chat.attach([...(target.files ?? [])]);
          // The same file can be picked again.
          target.value = '';
        }}
      />
      <Button
        data-testid="attach"
        look="plain"
        shape="icon"
        aria-label={t('attach')}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <Paperclip className="size-4.5" />
      </Button>
    </>
  );
}

/** Files dropped anywhere on the panel that `inside` stands in are attached; without this the browser would open them. */
export function useDroppedFiles(inside: RefObject<HTMLElement | null>) {
  const { chat } = useChatScope();
  useEffect(() => {
    const panel = inside.current?.closest('section');
    if (!panel) return;
    const stop = new AbortController();
    const take = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (event.type === 'drop') chat.attach([...event.dataTransfer.files]);
    };
    for (const type of ['dragover', 'drop'] as const) panel.addEventListener(type, take, { signal: stop.signal });
    return () => stop.abort();
  }, [chat, inside]);
}
