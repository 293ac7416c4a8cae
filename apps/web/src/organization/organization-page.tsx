import { useTranslations } from 'use-intl';
import { Page } from '../header/page.tsx';
import { RequireTenant } from '../sign-in/require-tenant.tsx';
import { useMe, usePermission } from '../sign-in/use-me.ts';
import { ApiKeys } from './api-keys.tsx';
import { CreateTenant } from './create-tenant.tsx';
import { Invitations } from './invitations.tsx';
import { Leave } from './leave.tsx';
import { Members } from './members.tsx';
import { RenameTenant } from './rename-tenant.tsx';

/** Who belongs to the organization, and what may be done about that. */
export function OrganisationPage() {
  const t = useTranslations('organization');
  const { data } = useMe();
  const managesMembers = usePermission('member:manage');
  const managesKeys = usePermission('apikey:manage');
  const managesTenant = usePermission('tenant:manage');
  const tenant = data?.tenant;
  return (
    <RequireTenant>
      <Page title={tenant?.name ?? t('title')}>
        {tenant && <Members role={tenant.role} />}
        {tenant && managesMembers && <Invitations role={tenant.role} />}
        {managesKeys && <ApiKeys />}
        {tenant && managesTenant && <RenameTenant key={tenant.id} name={tenant.name} />}
        {managesTenant && <CreateTenant />}
        {tenant && <Leave name={tenant.name} />}
      </Page>
    </RequireTenant>
  );
}
