import type { Reason } from '@it0/contracts/reasons';
import { useTranslations } from 'use-intl';
import { Callout } from '../ui/callout.tsx';
import { GuestPage } from '../ui/guest/guest-page.tsx';
import { SignInSteps } from './sign-in-steps.tsx';

type Props = {
  /** Reason why a sign-in link or the identity provider failed. */
  reason?: Reason;
};

/** Sign-in form. The page behind it is shown after signing in. */
export function SignInPage({ reason }: Props) {
  const t = useTranslations('signIn');
  const tReasons = useTranslations('reasons');
  return (
    <GuestPage title={t('title')}>
      {reason && (
        <Callout role="alert">
          <span className="inline-block first-letter:uppercase">
            {reason === 'SIGN_IN_LINK_INVALID' ? t('invalid') : tReasons(reason)}
          </span>
        </Callout>
      )}
      <SignInSteps>
        <p className="border-line border-t pt-4 text-faint text-sm">
          {t('first')} <code className="whitespace-nowrap font-mono">npm start</code>
        </p>
      </SignInSteps>
    </GuestPage>
  );
}
