import { getReason } from '@it0/client/errors';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { CodeField } from '../ui/form/code-field.tsx';
import { Field } from '../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { useGuest } from './guest.tsx';

type Props = {
  challenge: string;
  onSignedIn(): Promise<void>;
  /** Returns to the password form; `hasExpired` if the challenge has expired. */
  onBack(hasExpired: boolean): void;
};

/** Form for the second factor: a code of the authenticator app, or a backup code. */
export default function CodeForm({ challenge, onSignedIn, onBack }: Props) {
  const t = useTranslations();
  const { auth } = useGuest();
  const [kind, setKind] = useState<'app' | 'backup'>('app');
  const form = useServerForm({ code: '' }, async ({ code }) => {
    try {
      await auth.verifyCode.mutate({ challenge, code, kind, by: 'cookie' });
    } catch (error) {
      if (getReason(error) === 'WRONG_CREDENTIALS') return onBack(true);
      throw error;
    }
    await onSignedIn();
  });
  const switchKind = () => {
    form.methods.reset();
    setKind(kind === 'app' ? 'backup' : 'app');
  };
  return (
    <>
      <div>
        <h2 className="font-semibold">{t('signIn.codeTitle')}</h2>
        <p className="text-soft">{t(kind === 'app' ? 'signIn.codeBody' : 'signIn.backupBody')}</p>
      </div>
      <Form form={form} key={kind}>
        {kind === 'app' ? (
          <CodeField form={form} name="code" autoFocus />
        ) : (
          <Field form={form} name="code" label={t('form.code')} autoComplete="off" autoCapitalize="off" autoFocus />
        )}
        <div className="flex flex-wrap gap-2">
          <Submit form={form}>{t('signIn.verify')}</Submit>
          <Button onClick={() => onBack(false)}>{t('signIn.back')}</Button>
        </div>
      </Form>
      <button
        type="button"
        onClick={switchKind}
        className="justify-self-start text-accent text-sm underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t(kind === 'app' ? 'signIn.useBackup' : 'signIn.useApp')}
      </button>
    </>
  );
}
