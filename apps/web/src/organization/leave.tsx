import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { client, resetSession } from '../trpc.ts';
import { ConfirmButton } from '../ui/dialog/dialog.tsx';
import { Section } from '../ui/section.tsx';

/** Section to leave the organization. */
export function Leave({ name }: { name: string }) {
  const t = useTranslations('organization');
  const navigate = useNavigate();
  const leave = async () => {
    await client.tenant.leave.mutate();
    await navigate({ to: '/' });
    await resetSession();
  };
  return (
    <Section title={t('leave')}>
      <p className="text-soft">{t('leaveHint')}</p>
      <ConfirmButton
        title={t('leaveTitle', { name })}
        body={t('leaveBody')}
        action={t('leave')}
        variant="danger-outline"
        className="justify-self-start"
        onConfirm={leave}
      />
    </Section>
  );
}
