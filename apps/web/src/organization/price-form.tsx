import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';

export type ModelPrice = NonNullable<inferRouterOutputs<AppRouter>['usage']['prices'][number]['price']>;

const AMOUNTS = ['input', 'cachedInput', 'output'] as const;

/** Form that sets the price of a model. */
export function PriceForm({ model, price, onDone }: { model: string; price: ModelPrice | null; onDone(): unknown }) {
  const t = useTranslations();
  const toText = (amount: number | null | undefined) => amount?.toString() ?? '';
  const values = {
    currency: price?.currency ?? 'USD',
    input: toText(price?.input),
    cachedInput: toText(price?.cachedInput),
    output: toText(price?.output),
  };
  const form = useServerForm(values, async ({ currency, input, cachedInput, output }) => {
    const cached = cachedInput.trim();
    await client.usage.setPrice.mutate({
      model,
      currency: currency.trim().toUpperCase(),
      ...{ input: toNumber(input), cachedInput: cached ? toNumber(cached) : null, output: toNumber(output) },
    });
    await onDone();
  });
  return (
    <Form form={form}>
      <Field form={form} name="currency" label={t('usage.currency')} rules={{ pattern: /^ *[a-z]{3} *$/i }} />
      {AMOUNTS.map((name) => (
        <Field
          key={name}
          form={form}
          name={name}
          label={t(`usage.${name}Price`)}
          hint={name === 'cachedInput' ? t('usage.cachedHint') : undefined}
          rules={{ required: name !== 'cachedInput', validate: (text) => text.trim() === '' || toNumber(text) >= 0 }}
          inputMode="decimal"
        />
      ))}
      <Submit form={form}>{t('form.save')}</Submit>
    </Form>
  );
}

/** Reads a number, also with a decimal comma; NaN if the text is none. */
const toNumber = (text: string) => Number(text.trim().replace(',', '.') || NaN);
