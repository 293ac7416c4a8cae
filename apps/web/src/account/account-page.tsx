import { useTranslations } from 'use-intl';
import { Page } from '../frame/page.tsx';
import { useSignOut } from '../sign-in/use-sign-out.ts';
import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { Devices } from './devices.tsx';
import { EmailForm } from './email-form.tsx';
import { NameForm } from './name-form.tsx';
import { PasswordSection } from './password-section.tsx';
import { SecondFactor } from './second-factor.tsx';

/** Page with the user's name, credentials and devices. */
export function AccountPage() {
  const t = useTranslations();
  const query = trpc.account.mine.useQuery();
  const { busy, run } = useAction();
  const signOut = useSignOut();
  return (
    <Page title={t('app.account')}>
      <QueryView query={query} failed={t('account.failed')}>
        {(account) => (
          <>
            <NameForm name={account.name} />
            <EmailForm key={account.email} account={account} />
            <PasswordSection account={account} />
            <SecondFactor account={account} />
          </>
        )}
      </QueryView>
      <Devices />
      <Button className="justify-self-start" disabled={busy} onClick={() => run(signOut)}>
        {t('app.signOut')}
      </Button>
    </Page>
  );
}
