import type { SessionList as ListName } from '@it0/client/chat-source';
import { useChatScope } from '@it0/client/react/chat-scope';
import { Archive, Plus, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuChoice } from '../../ui/menu.tsx';
import { useCanAsk } from '../agent.tsx';
import { SearchField } from './search-field.tsx';
import { SearchResults } from './search-results.tsx';
import { SessionList } from './session-list.tsx';

type Props = { open: boolean; onOpenChange(open: boolean): void };

/** Drawer with the lists of the agent's sessions. The focus returns to the button that has opened it. */
export function SessionDrawer({ open, onOpenChange }: Props) {
  const opener = useRef<Element | null>(null);
  const [content, setContent] = useState<HTMLElement | null>(null);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Overlay className="absolute inset-0 z-20 animate-fade-in bg-scrim" />
      <Dialog.Content
        ref={setContent}
        data-testid="session-drawer"
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          opener.current = document.activeElement;
          content?.focus();
        }}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          // A session that was picked has moved the focus already.
          const { activeElement } = document;
          const isLost = !activeElement || activeElement === document.body || content?.contains(activeElement);
          if (isLost && opener.current instanceof HTMLElement) opener.current.focus();
        }}
        className="absolute inset-y-0 left-0 z-30 flex w-80 max-w-[85vw] animate-drawer-in flex-col border-line border-r bg-panel pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)] outline-none"
      >
        <DrawerContent onClose={() => onOpenChange(false)} />
      </Dialog.Content>
    </Dialog.Root>
  );
}

function DrawerContent({ onClose }: { onClose(): void }) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const canAsk = useCanAsk();
  const [list, setList] = useState<ListName>('active');
  const [query, setQuery] = useState('');
  const withClose = (action: () => void) => () => {
    action();
    onClose();
  };
  return (
    <>
      <div className="flex items-center gap-1 px-4 py-3">
        <Dialog.Title className="flex-1 font-semibold">{t(`sessions.lists.${list}`)}</Dialog.Title>
        <ListMenu list={list} onChoose={setList} />
        <Dialog.Close asChild>
          <Button variant="ghost" shape="icon" aria-label={t('app.close')}>
            <X className="size-5" />
          </Button>
        </Dialog.Close>
      </div>
      <div className="grid gap-2 px-4 pb-3">
        {canAsk && (
          <Button onClick={withClose(chat.startNew)}>
            <Plus className="size-4" />
            {t('chat.newSession')}
          </Button>
        )}
        <SearchField value={query} onChange={setQuery} />
      </div>
      {query.trim() ? (
        <SearchResults
          query={query}
          onPick={(id, message) => withClose(() => chat.open(id, { message: message ?? undefined }))()}
        />
      ) : (
        <SessionList
          key={list}
          list={list}
          onPick={(id) => withClose(() => chat.open(id))()}
          onRemoved={(id) => {
            if (list === 'active' && chat.getState().sessionId === id) chat.startNew();
          }}
        />
      )}
    </>
  );
}

function ListMenu({ list, onChoose }: { list: ListName; onChoose(list: ListName): void }) {
  const t = useTranslations('sessions');
  const options = (['active', 'archived', 'deleted'] as const).map((value) => ({ value, name: t(`lists.${value}`) }));
  return (
    <Menu
      className="min-w-44"
      trigger={
        <Button variant="ghost" shape="icon" aria-label={t('show')}>
          <Archive className="size-4.5" />
        </Button>
      }
    >
      <MenuChoice label={t('show')} value={list} options={options} onChoose={onChoose} />
    </Menu>
  );
}
