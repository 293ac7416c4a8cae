import { Role } from '@it0/contracts/permissions';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Select } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';

/** Parses the selected option: a role or the id of a user. */
const parseTarget = (value: string) => {
  const role = Role.safeParse(value).data;
  return role ? { role } : { userId: value };
};

/** Form that shares an agent with a person or a role. */
export function ShareForm({ instanceId }: { instanceId: string }) {
  const t = useTranslations('share');
  const { instance } = trpc.useUtils();
  const members = trpc.member.list.useQuery();
  const others = members.data?.filter(({ isYou }) => !isYou) ?? [];
  const form = useServerForm({ with: '' }, async (values) => {
    await client.instance.share.mutate({ instanceId, with: parseTarget(values.with) });
    form.methods.reset();
    await instance.shares.invalidate({ instanceId });
  });
  return (
    <Form form={form}>
      <Select form={form} name="with" label={t('with')}>
        <option value="">{t('choose')}</option>
        {others.length > 0 && (
          <optgroup label={t('people')}>
            {others.map(({ userId, name, email }) => (
              <option key={userId} value={userId}>
                {email ? `${name} (${email})` : name}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label={t('roles')}>
          {Role.options.toReversed().map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </optgroup>
      </Select>
      <Submit form={form}>{t('submit')}</Submit>
    </Form>
  );
}
