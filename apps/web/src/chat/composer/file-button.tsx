import { Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';

type Props = { testId: string; disabled?: boolean; onFiles(files: File[]): void };

/** Button that lets the person choose files to attach; on a phone also photos. */
export function FileButton({ testId, disabled, onFiles }: Props) {
  const t = useTranslations('composer');
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        data-testid={testId}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // Allows the same file to be selected again.
          target.value = '';
        }}
      />
      <Button
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
