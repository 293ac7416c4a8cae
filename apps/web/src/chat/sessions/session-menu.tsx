import type { Session } from '@it0/client/chat-source';
import { Archive, ArchiveRestore, Braces, Ellipsis, FileText, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx';
import type { SessionActions } from './use-session-actions.ts';

type Props = { session: Session; actions: SessionActions; tabIndex: number; onRename(): void };

/** Menu of a session in the list. Those of other people can only be exported. */
export function SessionMenu({ session, actions, tabIndex, onRename }: Props) {
  const t = useTranslations('sessions');
  const { title, mine, pinned, archived } = session;
  return (
    <Menu
      className="min-w-52"
      trigger={
        <Button
          variant="ghost"
          shape="icon"
          tabIndex={tabIndex}
          aria-label={t('actions', { title })}
          className="text-faint"
        >
          <Ellipsis className="size-4" />
        </Button>
      }
    >
      {mine && (
        <>
          <MenuItem icon={<Pencil />} onSelect={onRename}>
            {t('rename')}
          </MenuItem>
          {!archived && (
            <MenuItem icon={pinned ? <PinOff /> : <Pin />} onSelect={() => actions.pin(session, !pinned)}>
              {t(pinned ? 'unpin' : 'pin')}
            </MenuItem>
          )}
          <MenuItem
            icon={archived ? <ArchiveRestore /> : <Archive />}
            onSelect={() => (archived ? actions.bringBack(session) : actions.archive(session))}
          >
            {t(archived ? 'unarchive' : 'archive')}
          </MenuItem>
          <MenuSeparator />
        </>
      )}
      <MenuItem icon={<FileText />} onSelect={() => actions.download(session, 'markdown')}>
        {t('exportMarkdown')}
      </MenuItem>
      <MenuItem icon={<Braces />} onSelect={() => actions.download(session, 'json')}>
        {t('exportJson')}
      </MenuItem>
      {mine && (
        <>
          <MenuSeparator />
          <MenuItem icon={<Trash2 />} onSelect={() => actions.remove(session)}>
            {t('delete')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
