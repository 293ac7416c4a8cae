import { isTerminal } from '@it0/contracts/event-kinds';
import { createReply } from '@it0/contracts/reply';
import type { Chat, Turn } from './chat.ts';

/** A message as it enters a branch of a session. */
type NewMessage = { taskId: string; branch?: number; versionOf?: string };

/** Returns the index of the turn that is a version of the message of a task, or -1. */
const findVersion = (turns: Turn[], id: string) =>
  turns.findIndex(({ taskId, versions }) => taskId === id || versions?.includes(id));

/** Returns the tasks of all versions of a new message, oldest first; null if there is no other, or it is not loaded. */
export function listVersions(turns: Turn[], { taskId, versionOf }: NewMessage): string[] | null {
  const turn = versionOf === undefined ? undefined : turns[findVersion(turns, versionOf)];
  if (!turn) return null;
  const versions = turn.versions ?? [turn.taskId];
  return versions.includes(taskId) ? versions : [...versions, taskId];
}

/**
 * Returns the chat before a new message is appended. If it begins a branch, that follows the turns before its version.
 * If the chat shows a branch that was not selected, the message is not shown: then the `branch` of the chat remains.
 */
export function enterBranch(chat: Chat, message: NewMessage): Chat {
  const { taskId, branch = 0, versionOf } = message;
  if (branch === chat.branch) return { ...chat, isSelected: true };
  const index = versionOf === undefined ? -1 : findVersion(chat.turns, versionOf);
  if (!chat.isSelected) {
    const versions = listVersions(chat.turns, message);
    const turns = index < 0 ? chat.turns : chat.turns.with(index, { ...chat.turns[index]!, versions });
    return { ...chat, turns, otherReplies: [...chat.otherReplies, createReply(taskId)] };
  }
  // Loads the branch, since the turn that it follows is not here.
  if (index < 0) return { ...chat, stale: true };
  const left = chat.turns.slice(index).flatMap(({ reply }) => (reply && !isTerminal(reply.status) ? reply : []));
  return { ...chat, branch, turns: chat.turns.slice(0, index), otherReplies: [...chat.otherReplies, ...left] };
}

/** Applies the selection of a branch. A chat that shows the one selected before has to be loaded again. */
export function selectBranch(chat: Chat, branch: number): Chat {
  if (branch === chat.branch) return { ...chat, isSelected: true };
  return chat.isSelected ? { ...chat, stale: true } : chat;
}

/** Returns the branch to load when the chat is loaded again: the one that is shown, unless it follows the selection. */
export const toBranchPosition = ({ branch, isSelected }: Chat) => (isSelected ? {} : { branch });
