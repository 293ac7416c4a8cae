import { useTranslations } from 'use-intl';
import { GuestPage, Remark } from '../ui/guest-page.tsx';
import { SignInSteps } from './sign-in-steps.tsx';

type Props = {
  /** What was wrong with the link that led here. */
  reason?: string;
  /** What an identity provider said when it sent somebody back. */
  error?: string;
};

/** How to sign in. Whoever does is where they wanted to be. */
export function SignInPage({ reason, error }: Props) {
  const t = useTranslations('signIn');
  return (
    <GuestPage title={t('title')}>
      {reason === 'SIGN_IN_LINK_INVALID' && <Remark role="alert">{t('invalid')}</Remark>}
      {error && <Remark role="alert">{t('refusedElsewhere')}</Remark>}
      <SignInSteps />
      <p className="border-line border-t pt-4 text-faint text-sm">
        {t('first')} <code className="whitespace-nowrap font-mono">npm start</code>
      </p>
    </GuestPage>
  );
}
