import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { LanguageSwitch } from '../ui/language-switch.tsx';
import { Logo } from '../ui/logo.tsx';

/** How to sign in, and what was wrong with the link that led here. */
export function SignInPage({ reason, signedIn = false }: { reason?: string; signedIn?: boolean }) {
  const t = useTranslations();
  return (
    <main className="grid h-full place-content-center p-6">
      <div className="grid w-full max-w-md gap-5">
        <div className="flex items-center justify-between">
          <Logo />
          <LanguageSwitch />
        </div>
        <h1 className="text-2xl font-semibold tracking-tight">{t('signIn.title')}</h1>
        {reason === 'SIGN_IN_LINK_INVALID' && (
          <p role="alert" className="rounded-lg border border-warn/40 bg-warn-wash px-4 py-3 text-warn">
            {t('signIn.invalid')}
          </p>
        )}
        {signedIn ? (
          <p>
            {t('signIn.signedIn')}{' '}
            <Link to="/" className="text-accent underline underline-offset-2">
              {t('app.agents')}
            </Link>
          </p>
        ) : (
          <>
            <p className="text-soft">{t('signIn.body')}</p>
            <p className="text-soft">{t('signIn.where')}</p>
            <pre className="rounded-lg border border-line bg-sunken px-4 py-3 font-mono text-sm">npm start</pre>
          </>
        )}
      </div>
    </main>
  );
}
