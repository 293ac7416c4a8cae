import { useTranslations } from 'use-intl';
import { trpc } from '../../trpc.ts';
import { QueryView } from '../../ui/query-view.tsx';
import { RulesEditor } from './rules-editor.tsx';

/** Approval rules of an instance. They are fetched each time they are opened. */
export default function Rules({ instanceId, onDone }: { instanceId: string; onDone(): void }) {
  const t = useTranslations('rules');
  const query = trpc.approval.rules.useQuery({ instanceId }, { gcTime: 0, refetchOnWindowFocus: false });
  return (
    <>
      <p className="text-soft">{t('body')}</p>
      <QueryView query={query} failed={t('failed')}>
        {(saved) => <RulesEditor instanceId={instanceId} saved={saved} onDone={onDone} />}
      </QueryView>
    </>
  );
}
