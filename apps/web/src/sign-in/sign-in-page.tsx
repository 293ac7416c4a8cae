import type { Reason } from '@it0/contracts/reasons';
import { useTranslations } from 'use-intl';
import { GuestPage, Remark } from '../ui/guest-page.tsx';
import { SignInSteps } from './sign-in-steps.tsx';

type Props = {
  /** What was wrong with the link that led here, or with the word of an identity provider. */
  reason?: Reason;
};

/** How to sign in. Whoever does is where they wanted to be. */
export function SignInPage({ reason }: Props) {
  const t = useTranslations('signIn');
  const why = useTranslations('reasons');
  return (
    <GuestPage title={t('title')}>
      {reason && (
        <Remark role="alert">
          <span className="inline-block first-letter:uppercase">
            {reason === 'SIGN_IN_LINK_INVALID' ? t('invalid') : why(reason)}
          </span>
        </Remark>
      )}
      <SignInSteps />
      <p className="border-line border-t pt-4 text-faint text-sm">
        {t('first')} <code className="whitespace-nowrap font-mono">npm start</code>
      </p>
    </GuestPage>
  );
}
