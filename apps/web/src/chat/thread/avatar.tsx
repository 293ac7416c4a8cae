import { createAvatar, type Avatar as Shown } from '@it0/client/avatar';
import { useChat } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';

/** iAgent's face: what it shows comes from the chat it stands in, and from no other. */
export function AvatarOfChat() {
  const t = useTranslations('avatar');
  const shown = useChat(createAvatar);
  return (
    <span data-testid="avatar" data-state={shown} role="img" aria-label={t(shown)} className="ml-1 shrink-0">
      <Avatar shown={shown} />
    </span>
  );
}

const looks: Record<Shown, { color: string; eyes: string; mouth: string }> = {
  idle: { color: 'text-accent', eyes: '', mouth: 'M9 17.5h6' },
  thinking: { color: 'text-accent', eyes: 'animate-breathe', mouth: 'M11 17.5h2' },
  working: { color: 'text-accent', eyes: 'animate-breathe', mouth: 'M9 16.5q3 2.5 6 0' },
  waiting: { color: 'text-warn', eyes: '', mouth: 'M10 17.5h4' },
  error: { color: 'text-bad', eyes: '', mouth: 'M9 18q3 -2.5 6 0' },
};

export function Avatar({ shown = 'idle' }: { shown?: Shown }) {
  const { color, eyes, mouth } = looks[shown];
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      className={`size-7 ${color}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
    >
      <rect x="4" y="8" width="16" height="13" rx="4" />
      <path d="M12 8V4" />
      <circle cx="12" cy="3.2" r="1" className={shown === 'working' ? 'animate-breathe' : ''} fill="currentColor" />
      <g className={eyes} fill="currentColor" stroke="none">
        <circle cx="9" cy="13.2" r="1.4" />
        <circle cx="15" cy="13.2" r="1.4" />
      </g>
      <path d={mouth} />
    </svg>
  );
}
