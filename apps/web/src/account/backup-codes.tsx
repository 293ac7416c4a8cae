import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy/copy-button.tsx';
import { downloadText } from '../ui/copy/download-text.ts';

/** Backup codes of a new second factor, which are shown only once. */
export function BackupCodes({ codes }: { codes: string[] }) {
  const t = useTranslations('account');
  const text = codes.join('\n');
  return (
    <div className="grid gap-3">
      <p>{t('factorBackup')}</p>
      <ul
        data-testid="backup-codes"
        className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-lg border border-line bg-sunken px-4 py-3 font-mono text-sm sm:grid-cols-3"
      >
        {codes.map((code) => (
          <li key={code} className="select-all">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} className="rounded-lg border border-line-strong text-ink! pointer-coarse:px-4" />
        <Button onClick={() => downloadText('it0-backup-codes.txt', `${text}\n`)}>{t('factorDownload')}</Button>
      </div>
    </div>
  );
}
