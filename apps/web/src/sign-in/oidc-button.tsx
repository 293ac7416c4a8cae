import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { z } from 'zod';
import { Button } from '../ui/button.tsx';

const Answer = z.object({ url: z.url() });

/** Goes to the identity provider, which sends the browser back to where it is now. */
export function OidcButton() {
  const t = useTranslations();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      location.assign(await providerUrl());
    } catch {
      setBusy(false);
      toast.error(t('outgoing.unreachable'));
    }
  };
  return (
    <div className="grid gap-3">
      <p className="text-center text-faint text-sm">{t('signIn.or')}</p>
      <Button disabled={busy} onClick={() => void go()}>
        {t('signIn.withOrganisation')}
      </Button>
    </div>
  );
}

async function providerUrl() {
  const { pathname, search } = location;
  const response = await fetch('/api/auth/sign-in/oauth2', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      providerId: 'oidc',
      callbackURL: pathname === '/sign-in' ? '/' : pathname + search,
      errorCallbackURL: '/sign-in',
    }),
  });
  return Answer.parse(await response.json()).url;
}
