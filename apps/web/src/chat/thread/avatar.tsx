import { type AvatarState, selectAvatarState } from '@it0/client/avatar';
import { useChat } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';

/** Avatar of iAgent with the state of the surrounding chat. */
export function ChatAvatar() {
  const t = useTranslations('avatar');
  const state = useChat(selectAvatarState);
  return (
    <span data-testid="avatar" data-state={state} role="img" aria-label={t(state)} className="ml-1 shrink-0">
      <Avatar state={state} />
    </span>
  );
}

const faces: Record<AvatarState, { color: string; eyes: string; mouth: string }> = {
  idle: { color: 'text-accent', eyes: '', mouth: 'M9 17.5h6' },
  thinking: { color: 'text-accent', eyes: 'animate-breathe', mouth: 'M11 17.5h2' },
  working: { color: 'text-accent', eyes: 'animate-breathe', mouth: 'M9 16.5q3 2.5 6 0' },
  waiting: { color: 'text-warn', eyes: '', mouth: 'M10 17.5h4' },
  error: { color: 'text-bad', eyes: '', mouth: 'M9 18q3 -2.5 6 0' },
};

export function Avatar({ state = 'idle' }: { state?: AvatarState }) {
  const { color, eyes, mouth } = faces[state];
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
      <circle cx="12" cy="3.2" r="1" className={state === 'working' ? 'animate-breathe' : ''} fill="currentColor" />
      <g className={eyes} fill="currentColor" stroke="none">
        <circle cx="9" cy="13.2" r="1.4" />
        <circle cx="15" cy="13.2" r="1.4" />
      </g>
      <path d={mouth} />
    </svg>
  );
}
