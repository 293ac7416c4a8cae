import { useChatScope } from '@it0/client/react/chat-scope';
import { Paperclip } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';

/** Adds files to the draft; on a phone also photos. */
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
          // Allows the same file to be selected again.
          target.value = '';
        }}
      />
      <Button
        data-testid="attach"
        variant="ghost"
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

/** Attaches files dropped anywhere on the panel around `inside`. By default the browser would open them. */
export function useDroppedFiles(inside: RefObject<HTMLElement | null>) {
  const { chat } = useChatScope();
  useEffect(() => {
    const panel = inside.current?.closest('section');
    if (!panel) return;
    const abort = new AbortController();
    const onDrag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (event.type === 'drop') chat.attach([...event.dataTransfer.files]);
    };
    for (const type of ['dragover', 'drop'] as const) panel.addEventListener(type, onDrag, { signal: abort.signal });
    return () => abort.abort();
  }, [chat, inside]);
}
