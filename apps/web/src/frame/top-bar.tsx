import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { PendingApprovalsButton } from '../approvals/queue/pending-approvals-button.tsx';
import { useCommands } from '../commands/registered-commands.ts';
import { useMe } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { Logo } from '../ui/logo.tsx';
import { UserMenu } from './lazy-user-menu.tsx';

/** Bar at the top of the pages on a phone. */
export function TopBar() {
  const t = useTranslations('commands');
  const isMember = Boolean(useMe().data?.tenant);
  return (
    <header className="flex w-full items-center justify-between gap-4 px-4 pt-[max(0.75rem,env(safe-area-inset-top))] pb-2">
      <Link to="/" className="rounded-md">
        <Logo />
      </Link>
      <div className="flex min-h-9 min-w-0 items-center gap-1 pointer-coarse:min-h-11">
        <Button variant="ghost" shape="icon" aria-label={t('open')} onClick={useCommands().palette}>
          <Search className="size-4.5" />
        </Button>
        {isMember && <PendingApprovalsButton />}
        <UserMenu />
      </div>
    </header>
  );
}
