import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';

/** Goes to the identity provider, which sends the browser back to where it is now. */
export function OidcButton() {
  const t = useTranslations('signIn');
  return (
    <div className="grid gap-3">
      <p className="text-center text-faint text-sm">{t('or')}</p>
      <Button onClick={() => location.assign(providerAddress(location))}>{t('withOrganisation')}</Button>
    </div>
  );
}

function providerAddress({ pathname, search }: Location) {
  const to = pathname === '/sign-in' ? '/' : pathname + search;
  return `/api/auth/sign-in/oidc?${new URLSearchParams({ to })}`;
}
