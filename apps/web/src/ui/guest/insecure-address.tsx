import { useTranslations } from 'use-intl';
import { useSignInMethods } from '../../sign-in/guest.tsx';
import { Callout } from '../callout.tsx';

/** Returns the https address of this page when it was opened over http, where the browser drops the login cookie. */
export function useSafeAddress(): string | null {
  const methods = useSignInMethods();
  const { protocol, pathname, search, hash } = location;
  return methods?.address && protocol === 'http:' ? `${methods.address}${pathname}${search}${hash}` : null;
}

/** Links to the https address of the page. */
export function InsecureAddress({ safe }: { safe: string }) {
  const t = useTranslations('signIn');
  return (
    <>
      <Callout role="alert">{t('insecure')}</Callout>
      <a href={safe} className="justify-self-start text-accent underline underline-offset-2 [overflow-wrap:anywhere]">
        {new URL(safe).origin}
      </a>
    </>
  );
}
