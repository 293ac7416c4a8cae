import { useTranslations } from 'use-intl';
import { Page } from '../frame/page.tsx';
import { RequireTenant } from '../sign-in/require-tenant.tsx';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { ApiKeys } from './api-keys.tsx';
import { CreateTenant } from './create-tenant.tsx';
import { Invitations } from './invitations.tsx';
import { Leave } from './leave.tsx';
import { Members } from './members.tsx';
import { RenameTenant } from './rename-tenant.tsx';
import { Usage } from './usage.tsx';

/** Page with the members, invitations, API keys and settings of the organization. */
export function OrganizationPage() {
  const t = useTranslations('organization');
  const { data } = useMe();
  const canManageMembers = usePermission('member:manage');
  const canManageKeys = usePermission('apikey:manage');
  const canManageTenant = usePermission('tenant:manage');
  const tenant = data?.tenant;
  return (
    <RequireTenant>
      <Page title={tenant?.name ?? t('title')}>
        {tenant && <Members role={tenant.role} />}
        {tenant && canManageMembers && <Invitations role={tenant.role} />}
        {canManageKeys && <ApiKeys />}
        <Usage />
        {tenant && canManageTenant && <RenameTenant key={tenant.id} name={tenant.name} />}
        {canManageTenant && <CreateTenant />}
        {tenant && <Leave name={tenant.name} />}
      </Page>
    </RequireTenant>
  );
}
