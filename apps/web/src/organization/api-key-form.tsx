import { KeyScope } from '@it0/contracts/permissions';
import { useTranslations } from 'use-intl';
import { useMe } from '../sign-in/use-me.ts';
import { client, trpc } from '../trpc.ts';
import { CheckBoxes, Choice, Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';

const terms = ['30', '90', '365', 'never'] as const;

/** Makes a key that may do no more than its person. */
export function ApiKeyForm({ onMade }: { onMade(made: { name: string; key: string }): void }) {
  const t = useTranslations();
  const { apiKey } = trpc.useUtils();
  const permissions = useMe().data?.permissions ?? [];
  const scopes = KeyScope.options.filter((scope) => permissions.includes(scope));
  const values = { name: '', scopes: [] as KeyScope[], days: '90' as (typeof terms)[number] };
  const form = useServerForm(values, async ({ name, scopes, days }) => {
    onMade(await client.apiKey.create.mutate({ name, scopes, days: days === 'never' ? null : Number(days) }));
    await apiKey.list.invalidate();
  });
  return (
    <Form of={form}>
      <Field of={form} name="name" label={t('form.name')} autoComplete="off" rules={{ maxLength: 80 }} />
      <CheckBoxes
        of={form}
        name="scopes"
        label={t('apiKeys.scopes')}
        options={scopes.map((scope) => ({ value: scope, label: t(`apiKeys.scope.${scope}`) }))}
      />
      <Choice of={form} name="days" label={t('apiKeys.expiry')}>
        {terms.map((days) => (
          <option key={days} value={days}>
            {days === 'never' ? t('apiKeys.never') : t('apiKeys.days', { days: Number(days) })}
          </option>
        ))}
      </Choice>
      <Submit of={form}>{t('apiKeys.create')}</Submit>
    </Form>
  );
}
