import { Role } from '@it0/contracts/permissions';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { trpc } from '../trpc.ts';
import { QueryView } from '../ui/query-view.tsx';
import { Row, Rows, Section } from '../ui/section.tsx';
import { MemberActions } from './member-actions.tsx';

/** Lists the members of the organization. `role` is the user's own role. */
export function Members({ role }: { role: Role }) {
  const t = useTranslations('organization');
  const canManage = usePermission('member:manage');
  const query = trpc.member.list.useQuery();
  return (
    <Section title={t('members')}>
      <QueryView query={query} failed={t('members')}>
        {(members) => (
          <Rows>
            {members.map((member) => (
              <Row
                key={member.userId}
                actions={
                  canManage && !member.isYou && (member.role !== 'owner' || role === 'owner') ? (
                    <MemberActions member={member} role={role} />
                  ) : (
                    <span className="text-soft text-sm">{t(`role.${member.role}`)}</span>
                  )
                }
              >
                <p className="font-medium">
                  {member.name}
                  {member.isYou && (
                    <span className="ml-2 rounded-md bg-accent-wash px-1.5 font-normal text-accent text-xs">
                      {t('you')}
                    </span>
                  )}
                </p>
                <p className="text-faint text-sm">{member.email ?? t('placeholderEmail')}</p>
              </Row>
            ))}
          </Rows>
        )}
      </QueryView>
      <RoleDescriptions />
    </Section>
  );
}

function RoleDescriptions() {
  const t = useTranslations('organization');
  return (
    <details className="text-sm">
      <summary className="w-fit text-soft hover:text-ink pointer-coarse:py-2">{t('roles')}</summary>
      <dl className="mt-2 grid gap-x-4 gap-y-1.5 sm:grid-cols-[auto_1fr]">
        {Role.options.map((role) => (
          <div key={role} className="contents">
            <dt className="font-medium max-sm:mt-1">{t(`role.${role}`)}</dt>
            <dd className="text-soft">{t(`roleIs.${role}`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
