import type { Role } from '@it0/contracts/permissions';
import { useFormatter, useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { CopiedText } from '../ui/copy/copied-text.tsx';
import { ConfirmButton } from '../ui/dialog/dialog.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Row, Rows, Section } from '../ui/section.tsx';
import { InviteForm } from './invite-form.tsx';
import type { Invitation } from './organization.ts';

/** Lists the pending invitations, with a form for a new one. `role` is the user's own role. */
export function Invitations({ role }: { role: Role }) {
  const t = useTranslations('organization');
  const query = trpc.invitation.list.useQuery(undefined, { refetchOnWindowFocus: 'always' });
  return (
    <Section title={t('invitations')}>
      <InviteForm role={role} />
      <QueryView query={query} failed={t('invitations')}>
        {(invitations) =>
          invitations.length === 0 ? (
            <p className="text-faint text-sm">{t('noInvitations')}</p>
          ) : (
            <>
              <p className="text-soft text-sm">{t('inviteBody')}</p>
              <Rows>
                {invitations.map((invitation) => (
                  <InvitationRow key={invitation.id} invitation={invitation} />
                ))}
              </Rows>
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function InvitationRow({ invitation: { id, email, role, expiresAt } }: { invitation: Invitation }) {
  const t = useTranslations('organization');
  const format = useFormatter();
  const utils = trpc.useUtils();
  const revoke = async () => {
    await client.invitation.cancel.mutate({ id });
    await utils.invitation.list.invalidate();
  };
  const when = format.dateTime(new Date(expiresAt), { day: 'numeric', month: 'short' });
  return (
    <Row
      below={<CopiedText text={`${location.origin}/invitation/${id}`} label={t('linkOf', { email })} />}
      actions={
        <ConfirmButton
          title={t('revokeTitle', { email })}
          body={t('revokeBody')}
          action={t('revoke')}
          label={t('revokeOf', { email })}
          onConfirm={revoke}
        />
      }
    >
      <p className="font-medium">{email}</p>
      <p className="text-faint text-sm">{t('invitedAs', { role: t(`role.${role}`), when })}</p>
    </Row>
  );
}
