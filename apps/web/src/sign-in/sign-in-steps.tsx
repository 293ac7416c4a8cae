import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { resetSession, trpc } from '../trpc.ts';
import { Remark } from '../ui/guest-page.tsx';
import { CodeForm } from './code-form.tsx';
import { Forgot } from './forgot.tsx';
import { OidcButton } from './oidc-button.tsx';
import { PasswordForm } from './password-form.tsx';

/** All of signing in: the password, a second factor where there is one, and what to do without the password. */
export function SignInSteps({ email: given = '' }: { email?: string }) {
  const t = useTranslations('signIn');
  const ways = trpc.auth.ways.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  const [email, setEmail] = useState(given);
  const [challenge, setChallenge] = useState<string | null>(null);
  const [forgot, setForgot] = useState(false);
  const [tooLong, setTooLong] = useState(false);

  if (forgot) return <Forgot email={email} byMail={ways.data?.mail ?? false} onBack={() => setForgot(false)} />;
  if (challenge)
    return (
      <CodeForm
        challenge={challenge}
        onSignedIn={resetSession}
        onBack={(late) => {
          setTooLong(late);
          setChallenge(null);
        }}
      />
    );
  return (
    <>
      {tooLong && <Remark role="alert">{t('tooLong')}</Remark>}
      <PasswordForm email={email} onSignedIn={resetSession} onChallenge={setChallenge} onEmail={setEmail} />
      <button
        type="button"
        onClick={() => setForgot(true)}
        className="justify-self-start text-accent text-sm underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t('forgot')}
      </button>
      <OidcButton />
    </>
  );
}
