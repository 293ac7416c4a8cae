import { getReason } from '@it0/client/errors';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { trpc } from '../../../trpc.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy/copy-button.tsx';
import { downloadText } from '../../../ui/copy/download-text.ts';
import { QueryView } from '../../../ui/query-view.tsx';
import { LogLines } from './log-lines.tsx';
import { filterLogs, type Level, type LogLine, levels, parseLogs } from './parse-logs.ts';

/** The latest log lines of an agent, updated every two seconds. */
export function Logs({ instanceId }: { instanceId: string }) {
  const t = useTranslations();
  const query = trpc.instance.logs.useQuery({ instanceId }, { refetchInterval: 2_000 });
  return (
    <QueryView query={query} failed={t('manage.logsFailed')}>
      {(logs) => (
        <div className="grid min-w-0 gap-3">
          {query.error && (
            <p role="status" className="text-sm text-warn first-letter:uppercase">
              {t(`reasons.${getReason(query.error) ?? 'INTERNAL'}`)}
            </p>
          )}
          <FilteredLines lines={parseLogs(logs)} />
        </div>
      )}
    </QueryView>
  );
}

const field =
  'min-h-9 min-w-0 rounded-lg border border-line-strong bg-raised px-2.5 text-sm text-ink outline-none placeholder:text-faint focus:border-accent pointer-coarse:min-h-11';

function FilteredLines({ lines }: { lines: LogLine[] }) {
  const t = useTranslations('manage');
  const [query, setQuery] = useState('');
  const [level, setLevel] = useState<Level>('debug');
  const shown = filterLogs(lines, { query, level });
  const text = shown.map(({ raw }) => `${raw}\n`).join('');
  return (
    <>
      <search className="flex flex-wrap items-center gap-2">
        <input
          type="search"
          aria-label={t('filterLogs')}
          placeholder={t('filterLogs')}
          value={query}
          onChange={({ target }) => setQuery(target.value)}
          className={`${field} flex-1 basis-40`}
        />
        <select
          aria-label={t('logLevel')}
          value={level}
          onChange={({ target }) => setLevel(target.value as Level)}
          className={field}
        >
          {levels.map((one) => (
            <option key={one} value={one}>
              {t(`logLevels.${one}`)}
            </option>
          ))}
        </select>
        <CopyButton text={text} label={t('logs')} />
        <Button
          shape="icon"
          variant="ghost"
          aria-label={t('downloadLogs')}
          title={t('downloadLogs')}
          onClick={() => downloadText('agent.log', text)}
        >
          <Download className="size-4" />
        </Button>
      </search>
      <LogLines lines={shown} empty={t(lines.length > 0 ? 'noLogsFound' : 'noLogs')} />
    </>
  );
}
