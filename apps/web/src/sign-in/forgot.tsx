import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Field } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { useGuest } from './guest.tsx';

type Props = {
  email: string;
  /** Whether this server sends email. Otherwise an administrator has to help. */
  byMail: boolean;
  onBack(): void;
};

/** Form that requests a link to reset the password. */
export default function Forgot({ email, byMail, onBack }: Props) {
  const t = useTranslations();
  const { auth } = useGuest();
  const [sent, setSent] = useState(false);
  const form = useServerForm({ email }, async (values) => {
    await auth.requestReset.mutate(values);
    setSent(true);
  });
  const backButton = <Button onClick={onBack}>{t('signIn.back')}</Button>;
  return (
    <>
      <h2 className="font-semibold">{t('signIn.forgotTitle')}</h2>
      {byMail && !sent ? (
        <Form form={form}>
          <p className="text-soft">{t('signIn.forgotBody')}</p>
          <Field form={form} name="email" label={t('form.email')} type="email" autoComplete="username" autoFocus />
          <div className="flex flex-wrap gap-2">
            <Submit form={form}>{t('signIn.forgotSend')}</Submit>
            {backButton}
          </div>
        </Form>
      ) : (
        <>
          <Callout role="status">{t(sent ? 'signIn.forgotSent' : 'signIn.forgotAsk')}</Callout>
          <div>{backButton}</div>
        </>
      )}
    </>
  );
}
