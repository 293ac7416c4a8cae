import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { assistantKey } from '../../chat/sessions/recent-sessions.ts';
import { Avatar } from '../../chat/thread/avatar.tsx';
import { useAssistant } from '../use-assistant.ts';
import { useStatusDetail } from '../use-status-detail.ts';
import { Activity, cards, Model, Status } from './agent-card.tsx';
import type { View } from './view.ts';

type Props = { isOpen: boolean; view: View };

/**
 * Item of iAgent, if the server has one. It opens the chat in every status, since past sessions can always be read. Once
 * shown, it stays while the server restarts.
 */
export function AssistantItem({ isOpen, view }: Props) {
  const t = useTranslations('agents');
  const { data: assistant, isPending } = useAssistant();
  const formatDetail = useStatusDetail();
  const wasShown = useRef(false);
  if (isPending) return <li className={`animate-breathe rounded-xl bg-raised ${view === 'list' ? 'h-12' : 'h-36'}`} />;
  if (!assistant || (assistant.status === 'STOPPED' && !wasShown.current)) return null;
  wasShown.current = true;
  const detail = formatDetail(assistant);
  const isRow = view === 'list';
  return (
    <li className="flex rounded-xl border border-line bg-panel shadow-(--shadow) transition-[border-color,background] hover:border-line-strong hover:bg-raised has-[[aria-current]]:border-accent has-[[aria-current]]:bg-raised">
      <Link
        id={`agent-${assistantKey}`}
        data-testid="assistant-card"
        to="/assistant"
        aria-current={isOpen || undefined}
        className={cards[view]}
      >
        <span className={`flex min-w-0 items-center gap-3 ${isRow ? 'flex-1 basis-56' : ''}`}>
          <Avatar />
          <span className="min-w-0 flex-1 font-semibold leading-7">iAgent</span>
          <Status status={assistant.status} />
        </span>
        <span
          className={`flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-sm ${isRow ? 'flex-1 basis-48' : 'mt-1'}`}
        >
          <Model scripted={assistant.scripted} modelName={assistant.modelName} />
          <span className="text-faint">{t('assistant')}</span>
        </span>
        {detail && !isRow && <span className="mt-2 line-clamp-2 whitespace-pre-line text-faint text-sm">{detail}</span>}
        <Activity agent={assistant} className={isRow ? 'min-w-0 flex-2 basis-72' : 'mt-auto pt-3'} />
      </Link>
    </li>
  );
}
