import { useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';

/** Goes to the identity provider, if there is one, which sends the browser back to where it is now. */
export function OidcButton() {
  const t = useTranslations('signIn');
  const ways = trpc.auth.ways.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  if (!ways.data?.oidc) return null;
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
