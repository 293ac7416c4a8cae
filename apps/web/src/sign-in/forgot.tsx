import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { Remark } from '../ui/guest-page.tsx';

type Props = {
  email: string;
  /** Whether this server writes mails; otherwise an administrator helps. */
  byMail: boolean;
  onBack(): void;
};

/** What to do without the password. */
export function Forgot({ email, byMail, onBack }: Props) {
  const t = useTranslations();
  const [sent, setSent] = useState(false);
  const form = useServerForm({ email }, async (values) => {
    await client.auth.requestReset.mutate(values);
    setSent(true);
  });
  const back = <Button onClick={onBack}>{t('signIn.back')}</Button>;
  return (
    <>
      <h2 className="font-semibold">{t('signIn.forgotTitle')}</h2>
      {byMail && !sent ? (
        <Form of={form}>
          <p className="text-soft">{t('signIn.forgotBody')}</p>
          <Field of={form} name="email" label={t('form.email')} type="email" autoComplete="username" autoFocus />
          <div className="flex flex-wrap gap-2">
            <Submit of={form}>{t('signIn.forgotSend')}</Submit>
            {back}
          </div>
        </Form>
      ) : (
        <>
          <Remark role="status">{t(sent ? 'signIn.forgotSent' : 'signIn.forgotAsk')}</Remark>
          <div>{back}</div>
        </>
      )}
    </>
  );
}
