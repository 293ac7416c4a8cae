import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { useSignInMethods } from './guest.tsx';

/** Button that signs in at the identity provider, if one is configured, and returns to the current page. */
export function OidcButton() {
  const t = useTranslations('signIn');
  const methods = useSignInMethods();
  if (!methods?.oidc) return null;
  return (
    <div className="grid gap-3">
      <p className="text-center text-faint text-sm">{t('or')}</p>
      <Button onClick={() => location.assign(toProviderPath(location))}>{t('withOrganization')}</Button>
    </div>
  );
}

function toProviderPath({ pathname, search }: Location) {
  const to = pathname === '/sign-in' ? '/' : pathname + search;
  return `/api/auth/sign-in/oidc?${new URLSearchParams({ to })}`;
}
