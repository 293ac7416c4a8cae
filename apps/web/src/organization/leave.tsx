import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { client, resetSession } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
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
      <Confirm
        title={t('leaveTitle', { name })}
        body={t('leaveBody')}
        action={t('leave')}
        trigger={
          <Button variant="danger-outline" className="justify-self-start">
            {t('leave')}
          </Button>
        }
        onConfirm={leave}
      />
    </Section>
  );
}
