import type { Role } from '@it0/contracts/permissions';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Choice, Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { rolesGivenBy } from './organization.ts';

/** Invites an address. `role` is the asker's: nobody gives more than that. */
export function InviteForm({ role }: { role: Role }) {
  const t = useTranslations();
  const { invitation } = trpc.useUtils();
  const form = useServerForm({ email: '', role: 'operator' as Role }, async (values) => {
    const { email } = await client.invitation.create.mutate(values);
    form.form.reset();
    await invitation.list.invalidate();
    toast.success(t('organization.invited', { email }));
  });
  return (
    <Form of={form}>
      <div className="grid gap-4 sm:grid-cols-[1fr_16rem]">
        <Field of={form} name="email" label={t('form.email')} type="email" inputMode="email" autoComplete="off" />
        <Choice of={form} name="role" label={t('form.role')} hint={t(`organization.roleIs.${form.form.watch('role')}`)}>
          {rolesGivenBy(role).map((one) => (
            <option key={one} value={one}>
              {t(`organization.role.${one}`)}
            </option>
          ))}
        </Choice>
      </div>
      <Submit of={form}>{t('organization.invite')}</Submit>
    </Form>
  );
}
