import { KeyScope } from '@it0/contracts/permissions';
import { useTranslations } from 'use-intl';
import { useMe } from '../sign-in/use-me.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { CheckBoxes, Select } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NameField } from '../ui/form/name-field.tsx';

const lifetimes = ['30', '90', '365', 'never'] as const;

/** Form that creates an API key. Its scopes are limited to the user's permissions. */
export function ApiKeyForm({ onCreated }: { onCreated(created: { name: string; key: string }): void }) {
  const t = useTranslations();
  const { apiKey } = trpc.useUtils();
  const permissions = useMe().data?.permissions ?? [];
  const scopes = KeyScope.options.filter((scope) => permissions.includes(scope));
  const values = { name: '', scopes: [] as KeyScope[], days: '90' as (typeof lifetimes)[number] };
  const form = useServerForm(values, async ({ name, scopes, days }) => {
    onCreated(await client.apiKey.create.mutate({ name, scopes, days: days === 'never' ? null : Number(days) }));
    await apiKey.list.invalidate();
  });
  const choose = (chosen: KeyScope[]) => form.methods.setValue('scopes', chosen, { shouldValidate: true });
  return (
    <Form form={form}>
      <NameField form={form} name="name" />
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <span className="text-soft">{t('apiKeys.preset')}</span>
        <Button onClick={() => choose(scopes.filter((scope) => scope.endsWith(':read')))}>
          {t('apiKeys.readOnly')}
        </Button>
        <Button onClick={() => choose(scopes)}>{t('apiKeys.everything')}</Button>
      </div>
      <CheckBoxes
        form={form}
        name="scopes"
        label={t('apiKeys.scopes')}
        options={scopes.map((scope) => ({ value: scope, label: t(`apiKeys.scope.${scope}`) }))}
      />
      <Select form={form} name="days" label={t('apiKeys.expiry')}>
        {lifetimes.map((days) => (
          <option key={days} value={days}>
            {days === 'never' ? t('apiKeys.never') : t('apiKeys.days', { days: Number(days) })}
          </option>
        ))}
      </Select>
      <Submit form={form}>{t('apiKeys.create')}</Submit>
    </Form>
  );
}
