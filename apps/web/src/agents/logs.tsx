import { getReason } from '@it0/client/errors';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { QueryView } from '../ui/query-view.tsx';

/** Latest log lines of an agent, updated every two seconds. */
export function Logs({ instanceId }: { instanceId: string }) {
  const t = useTranslations();
  const query = trpc.instance.logs.useQuery({ instanceId }, { refetchInterval: 2_000 });
  return (
    <QueryView query={query} failed={t('manage.logsFailed')}>
      {({ bridge, gateway }) => (
        <div className="grid min-w-0 gap-3">
          {query.error && (
            <p role="status" className="text-sm text-warn first-letter:uppercase">
              {t(`reasons.${getReason(query.error) ?? 'INTERNAL'}`)}
            </p>
          )}
          <Lines title={t('manage.logOfBridge')} lines={bridge} />
          <Lines title={t('manage.logOfGateway')} lines={gateway} />
        </div>
      )}
    </QueryView>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  const t = useTranslations('manage');
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  const text = lines.join('\n');
  useEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <figure className="grid min-w-0 gap-1.5">
      <figcaption className="font-medium text-sm">{title}</figcaption>
      <pre
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
        }}
        className="max-h-56 min-h-12 overflow-auto whitespace-pre-wrap rounded-lg border border-line bg-sunken p-3 font-mono text-xs [overflow-wrap:anywhere]"
      >
        {text || <span className="text-faint">{t('noLogs')}</span>}
      </pre>
    </figure>
  );
}
