import { FileText, Paperclip, X } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { useFileSizeFormat } from '../use-file-size-format.ts';
import type { EditedFile } from './edit-scope.tsx';

/** Button that adds files to the edited message. */
export function AddFiles({ onAdd }: { onAdd(files: EditedFile[]): void }) {
  const t = useTranslations('composer');
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        data-testid="edited-file-input"
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          onAdd(files.map(toEditedFile));
          // Allows the same file to be selected again.
          target.value = '';
        }}
      />
      <Button variant="ghost" shape="icon" aria-label={t('attach')} onClick={() => input.current?.click()}>
        <Paperclip className="size-4.5" />
      </Button>
    </>
  );
}

/** The key is unique, also for the same file twice. */
const toEditedFile = (source: File, index: number): EditedFile => ({
  ...{ key: `${performance.now()} ${index}`, name: source.name, size: source.size, source },
});

type Props = { files: EditedFile[]; onRemove(key: string): void };

/** Lists the files of the edited message, which are sent again. */
export function EditedFiles({ files, onRemove }: Props) {
  const t = useTranslations('composer');
  const formatSize = useFileSizeFormat();
  if (files.length === 0) return null;
  return (
    <ul aria-label={t('files')} className="flex flex-wrap gap-1.5">
      {files.map(({ key, name, size }) => (
        <li
          key={key}
          data-testid="edited-file"
          className="flex min-w-0 max-w-full items-center gap-2 rounded-lg border border-line-strong bg-raised py-1 pr-1 pl-2.5 text-sm"
        >
          <FileText className="size-4 shrink-0 text-soft" />
          <span className="min-w-0 truncate">{name}</span>
          <span className="shrink-0 text-faint text-xs">{formatSize(size)}</span>
          <button
            type="button"
            aria-label={t('detach', { name })}
            onClick={() => onRemove(key)}
            className="grid size-7 shrink-0 place-items-center rounded-md text-soft hover:bg-panel hover:text-ink pointer-coarse:size-10"
          >
            <X className="size-4" />
          </button>
        </li>
      ))}
    </ul>
  );
}
