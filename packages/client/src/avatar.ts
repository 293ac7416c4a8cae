import { isTerminal } from '@it0/contracts/chat-event';
import type { ChatState } from './chat-store.ts';

/** What an agent's face shows. */
export type Avatar = 'idle' | 'thinking' | 'working' | 'waiting' | 'error';

/** What the agent of one chat is doing, as that chat's own state tells and nothing else. */
export function createAvatar({ turns, phase }: Pick<ChatState, 'turns' | 'phase'>): Avatar {
  if (phase === 'refused') return 'error';
  const open = turns.find(({ reply }) => reply && !isTerminal(reply.status))?.reply;
  if (open?.status === 'WAITING_APPROVAL') return 'waiting';
  if (open)
    return open.steps.some((step) => step.type === 'tool' && step.status === 'running') ? 'working' : 'thinking';
  const last = turns.at(-1);
  const status = (last?.kept ?? last?.reply)?.status;
  return status === 'FAILED' || status === 'TIMED_OUT' ? 'error' : 'idle';
}
