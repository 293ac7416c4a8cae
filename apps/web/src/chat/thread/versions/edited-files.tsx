import { FileText, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useFileSizeFormat } from '../use-file-size-format.ts';
import type { EditedFile } from './edit-scope.tsx';

/** Returns a new file of an edited message. Its key is unique, also for the same file twice. */
export const toEditedFile = (source: File, index: number): EditedFile => ({
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
