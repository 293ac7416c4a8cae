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
      <div className="grid gap-1.5">
        <p className="text-soft">{t('body')}</p>
        <p className="text-faint text-sm">
          {t('bodyExample')} <code className="font-mono text-ink">{t('example.exec')}</code>
        </p>
        <details className="text-sm">
          <summary className="w-fit text-soft hover:text-ink pointer-coarse:py-2">{t('how')}</summary>
          <p className="mt-1 text-soft">{t('howBody')}</p>
        </details>
      </div>
      <QueryView query={query} failed={t('failed')}>
        {(saved) => <RulesEditor instanceId={instanceId} saved={saved} onDone={onDone} />}
      </QueryView>
    </>
  );
}
