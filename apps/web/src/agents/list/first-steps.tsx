import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { NewAgentButton } from '../new/new-agent-dialog.tsx';

/** First steps for an organization without agents. */
export function FirstSteps({ onCreate }: { onCreate(): void }) {
  const t = useTranslations('agents.first');
  const canInvite = usePermission('member:manage');
  return (
    <section className="mx-auto mt-6 grid max-w-2xl gap-5">
      <div>
        <h2 className="font-semibold text-lg tracking-tight">{t('title')}</h2>
        <p className="mt-1 text-soft">{t('body')}</p>
      </div>
      <ol className="grid gap-3">
        <Step number={1} title={t('create')} body={t('createBody')}>
          <NewAgentButton variant="solid" onClick={onCreate} />
        </Step>
        <Step number={2} title={t('chat')} body={t('chatBody')} />
        <Step number={3} title={t('rules')} body={t('rulesBody')} />
        {canInvite && (
          <Step number={4} title={t('invite')} body={t('inviteBody')}>
            <Link to="/organization" className="text-accent underline underline-offset-2">
              {t('inviteLink')}
            </Link>
          </Step>
        )}
      </ol>
    </section>
  );
}

type StepProps = { number: number; title: string; body: string; children?: ReactNode };

const Step = ({ number, title, body, children }: StepProps) => (
  <li className="flex gap-4 rounded-xl border border-line bg-panel p-4">
    <span
      aria-hidden="true"
      className="grid size-7 shrink-0 place-content-center rounded-full bg-accent-wash font-semibold text-accent text-sm"
    >
      {number}
    </span>
    <div className="grid justify-items-start gap-1">
      <p className="font-medium">{title}</p>
      <p className="text-soft text-sm">{body}</p>
      {children && <div className="mt-2">{children}</div>}
    </div>
  </li>
);
