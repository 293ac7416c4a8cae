import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { History, SquarePen, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { PendingApprovalsButton } from '../approvals/queue/pending-approvals-button.tsx';
import { RulesButton } from '../approvals/rules/rules-button.tsx';
import { ShareButton } from '../share/share-button.tsx';
import { Button } from '../ui/button.tsx';
import { useMedia, WIDE } from '../ui/use-media.ts';
import { useAgent, useCanAsk } from './agent.tsx';
import type { ChatLocation } from './chat-location.ts';
import { SidePanelButton } from './side-panel-button.tsx';
import { ChatAvatar } from './thread/avatar.tsx';

type Props = { location: ChatLocation; onSessions(): void };

export function ChatHeader({ location, onSessions }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const { instance, ...agent } = useAgent();
  const canAsk = useCanAsk();
  // The sidebar of a wide screen has the button, too.
  const isWide = useMedia(WIDE);
  const live = useChat((state) => state.live);
  return (
    <header className="relative border-line border-b px-2 pt-[max(0.5rem,env(safe-area-inset-top))] pb-2 sm:px-3">
      <div className="flex items-center gap-1">
        <Button variant="ghost" shape="icon" aria-label={t('chat.sessions')} onClick={onSessions}>
          <History className="size-4.5" />
        </Button>
        {!instance && <ChatAvatar />}
        <div className="min-w-0 flex-1 px-1.5">
          <h2 className="truncate font-semibold leading-tight">{agent.name}</h2>
          <p className="truncate text-faint text-xs">
            {agent.scripted ? t('agents.scripted') : (agent.modelName ?? t('agents.noModel'))}
          </p>
        </div>
        {!location.isSidePanel && !isWide && <PendingApprovalsButton />}
        {instance && (
          <>
            <SidePanelButton instanceId={instance.id} />
            {/* Hidden on phones for lack of space. The agent's card has the same buttons. */}
            <div className="contents max-sm:hidden">
              <RulesButton instance={instance} />
              <ShareButton instance={instance} />
            </div>
          </>
        )}
        {canAsk && (
          <Button variant="ghost" shape="icon" aria-label={t('chat.newSession')} onClick={chat.startNew}>
            <SquarePen className="size-4.5" />
          </Button>
        )}
        <Button variant="ghost" shape="icon" aria-label={t('chat.close')} onClick={location.close}>
          <X className="size-5" />
        </Button>
      </div>
      <div data-testid="connection" data-live={live} className="absolute inset-x-0 top-full z-10 flex justify-center">
        {!live && (
          <p
            role="status"
            className="mt-2 flex animate-late items-center gap-2 rounded-full border border-warn/40 bg-warn-wash px-3 py-1 font-medium text-sm text-warn shadow-(--shadow)"
          >
            <span className="size-1.5 animate-breathe rounded-full bg-warn" />
            {t('chat.reconnecting')}
          </p>
        )}
      </div>
    </header>
  );
}
