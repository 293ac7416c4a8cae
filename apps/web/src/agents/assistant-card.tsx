import type { Assistant } from '@it0/client/chat-source';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { assistantKey } from '../chat/sessions/recent-sessions.ts';
import { Avatar } from '../chat/thread/avatar.tsx';
import { Activity, card, Model, Status } from './agent-card.tsx';
import { useStatusDetail } from './use-status-detail.ts';

/** Card of iAgent. It opens the chat in every status, since past sessions can always be read. */
export function AssistantCard({ assistant, open }: { assistant: Assistant; open: boolean }) {
  const t = useTranslations('agents');
  const detail = useStatusDetail()(assistant);
  return (
    <Link
      id={`agent-${assistantKey}`}
      data-testid="assistant-card"
      to="/assistant"
      aria-current={open || undefined}
      className={card}
    >
      <span className="flex items-start gap-3">
        <Avatar />
        <span className="min-w-0 flex-1 font-semibold leading-7">iAgent</span>
        <Status status={assistant.status} />
      </span>
      <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <Model scripted={assistant.scripted} modelName={assistant.modelName} />
        <span className="text-faint">{t('assistant')}</span>
      </span>
      {detail && <span className="mt-2 line-clamp-2 whitespace-pre-line text-faint text-sm">{detail}</span>}
      <Activity agent={assistant} />
    </Link>
  );
}
