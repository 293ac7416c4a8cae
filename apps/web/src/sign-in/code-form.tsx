import { getReason } from '@it0/client/errors';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { CodeField } from '../ui/code-field.tsx';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';

type Props = {
  challenge: string;
  onSignedIn(): Promise<void>;
  /** Back to the password; `late` when it must be given once more. */
  onBack(late: boolean): void;
};

/** The second step: a code from the authenticator app, or one of those kept for when it is lost. */
export function CodeForm({ challenge, onSignedIn, onBack }: Props) {
  const t = useTranslations();
  const [kind, setKind] = useState<'app' | 'backup'>('app');
  const form = useServerForm({ code: '' }, async ({ code }) => {
    try {
      await client.auth.verifyCode.mutate({ challenge, code, kind, by: 'cookie' });
    } catch (error) {
      if (getReason(error) === 'WRONG_CREDENTIALS') return onBack(true);
      throw error;
    }
    await onSignedIn();
  });
  const change = () => {
    form.form.reset();
    setKind(kind === 'app' ? 'backup' : 'app');
  };
  return (
    <>
      <div>
        <h2 className="font-semibold">{t('signIn.codeTitle')}</h2>
        <p className="text-soft">{t(kind === 'app' ? 'signIn.codeBody' : 'signIn.backupBody')}</p>
      </div>
      <Form of={form} key={kind}>
        {kind === 'app' ? (
          <CodeField of={form} name="code" autoFocus />
        ) : (
          <Field of={form} name="code" label={t('form.code')} autoComplete="off" autoCapitalize="off" autoFocus />
        )}
        <div className="flex flex-wrap gap-2">
          <Submit of={form}>{t('signIn.verify')}</Submit>
          <Button onClick={() => onBack(false)}>{t('signIn.back')}</Button>
        </div>
      </Form>
      <button
        type="button"
        onClick={change}
        className="justify-self-start text-accent text-sm underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t(kind === 'app' ? 'signIn.useBackup' : 'signIn.useApp')}
      </button>
    </>
  );
}
