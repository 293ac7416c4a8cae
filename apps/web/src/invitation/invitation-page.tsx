import { getReason } from '@it0/client/errors';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { GuestPage } from '../ui/guest/guest-page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { AcceptInvitation } from './accept-invitation.tsx';

/** Page of an invitation's link. */
export function InvitationPage({ id }: { id: string }) {
  const t = useTranslations();
  const query = trpc.invitation.show.useQuery({ id }, { staleTime: 60_000 });
  const reason = query.error && getReason(query.error);
  if (reason === 'INVITATION_INVALID' || reason === 'INVALID_INPUT')
    return (
      <GuestPage title={t('invitation.invalid')}>
        <p className="text-soft">{t('invitation.invalidBody')}</p>
        <Link to="/" className="justify-self-start text-accent underline underline-offset-2">
          {t('app.agents')}
        </Link>
      </GuestPage>
    );
  return (
    <GuestPage title={query.data ? t('invitation.title', { tenant: query.data.tenantName }) : ''}>
      <QueryView query={query} failed={t('app.offline')}>
        {(invitation) => (
          <>
            <div>
              <p>
                {t('invitation.body', {
                  inviter: invitation.inviterName,
                  tenant: invitation.tenantName,
                  role: t(`organization.role.${invitation.role}`),
                })}
              </p>
              <p className="mt-1 text-faint text-sm">{t(`organization.roleIs.${invitation.role}`)}</p>
            </div>
            <AcceptInvitation id={id} invitation={invitation} />
          </>
        )}
      </QueryView>
    </GuestPage>
  );
}
