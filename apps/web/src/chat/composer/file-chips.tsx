import type { DraftFile } from '@it0/client/draft/draft-files';
import { findPictureKind, isFinalFailure } from '@it0/client/refused-file';
import { FileText, RotateCw, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useFileSizeFormat } from '../thread/message/use-file-size-format.ts';

type Props = { files: DraftFile[]; testId: string; onRetry(key: string): void; onDetach(key: string): void };

/** Lists the files of a message that is being written, with their upload progress. */
export function FileChips({ files, ...chip }: Props) {
  const t = useTranslations('composer');
  if (files.length === 0) return null;
  return (
    <ul aria-label={t('files')} className="flex flex-wrap gap-1.5">
      {files.map((file) => (
        <Chip key={file.key} file={file} {...chip} />
      ))}
    </ul>
  );
}

type ChipProps = Omit<Props, 'files'> & { file: DraftFile };

function Chip({ file: { key, name, size, progress, state, reason }, testId, onRetry, onDetach }: ChipProps) {
  const t = useTranslations();
  const formatSize = useFileSizeFormat();
  const formatFailure = useFailureFormat();
  const failed = state === 'failed';
  return (
    <li
      data-testid={testId}
      data-state={state}
      className={`relative flex min-w-0 max-w-full items-center gap-2 overflow-hidden rounded-lg border bg-raised py-1 pr-1 pl-2.5 text-sm ${failed ? 'border-bad/50' : 'border-line-strong'}`}
    >
      <FileText className="size-4 shrink-0 text-soft" />
      <span className="min-w-0">
        <span className="block max-w-56 truncate">{name}</span>
        <span role={failed ? 'alert' : undefined} className={`block text-xs ${failed ? 'text-bad' : 'text-faint'}`}>
          {failed ? formatFailure(name, reason) : formatSize(size)}
        </span>
      </span>
      {failed && !isFinalFailure(reason) && (
        <IconButton label={t('composer.again', { name })} onClick={() => onRetry(key)}>
          <RotateCw className="size-4" />
        </IconButton>
      )}
      <IconButton label={t('composer.detach', { name })} onClick={() => onDetach(key)}>
        <X className="size-4" />
      </IconButton>
      {state === 'uploading' && (
        <progress
          value={progress}
          max={1}
          aria-label={t('composer.uploading', { name })}
          className="absolute inset-x-0 bottom-0 h-0.5 w-full appearance-none bg-transparent [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-accent"
        />
      )}
    </li>
  );
}

function useFailureFormat() {
  const t = useTranslations();
  return (name: string, reason: DraftFile['reason']) => {
    const kind = reason === 'ATTACHMENT_TYPE_REFUSED' ? findPictureKind(name) : null;
    if (kind) return t('composer.picture', { kind });
    if (reason === 'NOT_SIGNED_IN') return t('composer.signedOut');
    return reason ? t(`reasons.${reason}`) : t('form.unreachable');
  };
}

type IconProps = { label: string; onClick(): void; children: React.ReactNode };

const IconButton = ({ label, onClick, children }: IconProps) => (
  <button
    type="button"
    aria-label={label}
    onClick={onClick}
    className="grid size-7 shrink-0 place-items-center rounded-md text-soft hover:bg-panel hover:text-ink pointer-coarse:size-10"
  >
    {children}
  </button>
);
