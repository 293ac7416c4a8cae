import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Notice } from '../ui/notice.tsx';
import { ScriptedNotice, Suggestions } from './scripted.tsx';

/** For whoever only watches: before there is anything. */
export function NothingYet({ name }: { name: string }) {
  const t = useTranslations('chat');
  return (
    <Notice title={t('nothingYet')}>
      <p>{t('nothingYetBody', { name })}</p>
    </Notice>
  );
}

/** A session without messages. */
export function EmptyChat({ instance: { name, scripted, status } }: { instance: Instance }) {
  const t = useTranslations('chat');
  return (
    <div className="grid h-full place-content-center overflow-y-auto p-6">
      <div className="grid max-w-xl animate-fade-in gap-5 text-center">
        <div>
          <h3 className="font-semibold text-xl tracking-tight">{t('emptyTitle', { name })}</h3>
          <p className="mt-1.5 text-soft">{t('emptyBody')}</p>
        </div>
        {scripted && status === 'RUNNING' && <Suggestions />}
        {scripted && <ScriptedNotice />}
      </div>
    </div>
  );
}
