import { Link, useNavigate } from '@tanstack/react-router';
import { Building2, ChevronDown, CircleUserRound, LogOut, UserRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useTranslations } from 'use-intl';
import { useLocaleChoice } from '../i18n/locale.tsx';
import { type Locale, localeNames } from '../i18n/locales.ts';
import { useMe } from '../sign-in/use-me.ts';
import { useSignOut } from '../sign-in/use-sign-out.ts';
import { client, resetSession } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuChoice, MenuItem, MenuSeparator, menuItem } from '../ui/menu.tsx';
import { useAction } from '../ui/toast/use-action.ts';

/** Menu with links to the account and organization, language, and sign-out. */
export default function UserMenu({ compact }: { compact: boolean }) {
  const t = useTranslations('app');
  const { data: me } = useMe();
  const { locale, choose } = useLocaleChoice();
  const { run } = useAction();
  const signOut = useSignOut();
  const switchTenant = useSwitchTenant();
  if (!me) return null;
  const { user, tenant, tenants } = me;
  return (
    <Menu
      className="w-72"
      trigger={
        <Button
          variant="ghost"
          data-testid="user-menu"
          aria-label={t('menu', { name: user.name })}
          title={compact ? user.name : undefined}
          className={compact ? 'size-9! px-0!' : 'min-w-0 justify-start! gap-3! px-2.5!'}
        >
          <CircleUserRound className="size-4.5 shrink-0" />
          {!compact && (
            <>
              <span className="truncate">{user.name}</span>
              <ChevronDown className="ml-auto size-4 shrink-0" />
            </>
          )}
        </Button>
      }
    >
      <div className="px-2.5 pt-1 pb-2">
        <p className="truncate font-medium">{user.name}</p>
        {user.email && <p className="truncate text-faint text-sm">{user.email}</p>}
      </div>
      <DropdownMenu.Item asChild>
        <Link to="/account" className={menuItem}>
          <UserRound className="size-4 text-faint" />
          {t('account')}
        </Link>
      </DropdownMenu.Item>
      {tenant && (
        <DropdownMenu.Item asChild>
          <Link to="/organization" className={menuItem}>
            <Building2 className="size-4 shrink-0 text-faint" />
            {t('organization')}
            <span className="min-w-0 flex-1 truncate text-right text-faint text-sm">{tenant.name}</span>
          </Link>
        </DropdownMenu.Item>
      )}
      {tenants.length > 1 && (
        <MenuChoice
          label={t('tenants')}
          value={tenant?.id}
          options={tenants.map(({ id, name }) => ({ value: id, name }))}
          onChoose={(id) => run(() => switchTenant(id))}
        />
      )}
      <MenuChoice
        label={t('language')}
        value={locale}
        options={(Object.keys(localeNames) as Locale[]).map((value) => ({ value, name: localeNames[value] }))}
        onChoose={choose}
      />
      <MenuSeparator />
      <MenuItem icon={<LogOut />} onSelect={() => run(signOut)}>
        {t('signOut')}
      </MenuItem>
    </Menu>
  );
}

/** Returns a function that switches to another organization and opens its list of agents. */
function useSwitchTenant() {
  const navigate = useNavigate();
  return async (tenantId: string) => {
    await client.tenant.switch.mutate({ tenantId });
    await navigate({ to: '/' });
    await resetSession();
  };
}
