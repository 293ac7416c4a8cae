import type { Role } from '@it0/contracts/permissions';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field, Select } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { toast } from '../ui/toast/toast.ts';
import { listAssignableRoles } from './organization.ts';

/** Form that invites an address. `role` is the user's own role, which limits the roles they can assign. */
export function InviteForm({ role }: { role: Role }) {
  const t = useTranslations();
  const { invitation } = trpc.useUtils();
  const form = useServerForm({ email: '', role: 'operator' as Role }, async (values) => {
    const { email } = await client.invitation.create.mutate(values);
    form.methods.reset();
    await invitation.list.invalidate();
    toast.success(t('organization.invited', { email }));
  });
  return (
    <Form form={form}>
      <div className="grid gap-4 sm:grid-cols-[1fr_16rem]">
        <Field form={form} name="email" label={t('form.email')} type="email" inputMode="email" autoComplete="off" />
        <Select
          form={form}
          name="role"
          label={t('form.role')}
          hint={t(`organization.roleIs.${form.methods.watch('role')}`)}
        >
          {listAssignableRoles(role).map((one) => (
            <option key={one} value={one}>
              {t(`organization.role.${one}`)}
            </option>
          ))}
        </Select>
      </div>
      <Submit form={form}>{t('organization.invite')}</Submit>
    </Form>
  );
}
