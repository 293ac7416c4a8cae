import { useTranslations } from 'use-intl';
import { Notice } from '../../ui/notice.tsx';
import { useAgent } from '../agent.tsx';
import { ScriptedNotice, Suggestions } from '../scripted.tsx';

/** Placeholder of an empty list of sessions for users without write access. */
export function NothingYet({ name }: { name: string }) {
  const t = useTranslations('chat');
  return (
    <Notice title={t('nothingYet')}>
      <p>{t('nothingYetBody', { name })}</p>
    </Notice>
  );
}

/** Placeholder of a session without messages. */
export function EmptyChat() {
  const { name, scripted, status, instance } = useAgent();
  const t = useTranslations('chat');
  return (
    <div className="grid h-full place-content-center overflow-y-auto p-6">
      <div className="grid max-w-xl animate-fade-in gap-5 text-center">
        <div>
          <h3 className="font-semibold text-xl tracking-tight">
            {instance ? t('emptyTitle', { name }) : t('emptyAssistantTitle')}
          </h3>
          <p className="mt-1.5 text-soft">{instance ? t('emptyBody') : t('emptyAssistantBody', { name })}</p>
        </div>
        {scripted && status === 'RUNNING' && <Suggestions />}
        {scripted && <ScriptedNotice />}
      </div>
    </div>
  );
}
