import { isTerminal } from '@it0/contracts/event-kinds';
import type { ChatState } from './chat-store.ts';

/** State of an agent's avatar. */
export type AvatarState = 'idle' | 'thinking' | 'working' | 'waiting' | 'error';

/** Derives the avatar from the state of its own chat: the first open task, or else the outcome of the last turn. */
export function selectAvatarState({ turns, phase }: Pick<ChatState, 'turns' | 'phase'>): AvatarState {
  if (phase === 'refused') return 'error';
  const open = turns.find(({ reply }) => reply && !isTerminal(reply.status))?.reply;
  if (open?.status === 'WAITING_APPROVAL') return 'waiting';
  if (open)
    return open.steps.some((step) => step.type === 'tool' && step.status === 'running') ? 'working' : 'thinking';
  const last = turns.at(-1);
  const status = (last?.storedReply ?? last?.reply)?.status;
  return status === 'FAILED' || status === 'TIMED_OUT' ? 'error' : 'idle';
}
