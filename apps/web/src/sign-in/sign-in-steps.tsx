import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Callout } from '../ui/callout.tsx';
import { useGuest, useSignInMethods } from './guest.tsx';
import { OidcButton } from './oidc-button.tsx';
import { PasswordForm } from './password-form.tsx';

// Lazy, since most people sign in without them.
const CodeForm = lazy(() => import('./code-form.tsx'));
const Forgot = lazy(() => import('./forgot.tsx'));

type Props = {
  email?: string;
  /** Shown below the first step. */
  children?: ReactNode;
};

/** Sign-in with a password and, if the account has one, a second factor. Also offers to reset the password. */
export function SignInSteps({ email: initialEmail = '', children }: Props) {
  const t = useTranslations('signIn');
  const { onSignedIn } = useGuest();
  const methods = useSignInMethods();
  const [email, setEmail] = useState(initialEmail);
  const [challenge, setChallenge] = useState<string | null>(null);
  const [forgot, setForgot] = useState(false);
  const [hasExpired, setHasExpired] = useState(false);

  if (forgot)
    return (
      <Suspense>
        <Forgot email={email} byMail={methods?.mail ?? false} onBack={() => setForgot(false)} />
      </Suspense>
    );
  if (challenge)
    return (
      <Suspense>
        <CodeForm
          challenge={challenge}
          onSignedIn={onSignedIn}
          onBack={(expired) => {
            setHasExpired(expired);
            setChallenge(null);
          }}
        />
      </Suspense>
    );
  return (
    <>
      {hasExpired && <Callout role="alert">{t('tooLong')}</Callout>}
      <PasswordForm email={email} onSignedIn={onSignedIn} onChallenge={setChallenge} onEmail={setEmail} />
      <button
        type="button"
        onClick={() => setForgot(true)}
        className="justify-self-start text-accent text-sm underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t('forgot')}
      </button>
      <OidcButton />
      {children}
    </>
  );
}
