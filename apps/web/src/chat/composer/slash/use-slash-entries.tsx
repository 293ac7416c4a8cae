import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { toExportUrl } from '@it0/contracts/export-path';
import { useNavigate } from '@tanstack/react-router';
import {
  Bell,
  Command,
  FileDown,
  History,
  Keyboard,
  ListPlus,
  MessageSquareQuote,
  Pencil,
  Square,
  SquarePen,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useCommands } from '../../../commands/registered-commands.ts';
import { trpc } from '../../../trpc.ts';
import { useCanStop } from '../../agent.tsx';
import { useActiveTaskId } from '../../use-active-task-id.ts';
import { useStop } from '../use-stop.ts';
import type { SlashEntry } from './filter-entries.ts';

/** An entry with its action. A prompt replaces the draft, a command deletes it. */
export type Entry = SlashEntry & { icon: ReactNode; detail?: string; isPrompt: boolean; run(): void };

/** Actions of other parts of the chat. */
export type SlashActions = { onPrompt(text: string): void; onSessions(): void; onRename(): void };

/** Returns the saved prompts and the commands of this chat. Prompts are loaded when the list is opened. */
export function useSlashEntries(isOpen: boolean, { onPrompt, ...actions }: SlashActions): Entry[] {
  const t = useTranslations('slash');
  const { data: prompts = NONE } = trpc.prompt.list.useQuery(undefined, { enabled: isOpen, staleTime: 60_000 });
  const navigate = useNavigate();
  const commands = useChatCommands(actions);
  return [
    ...prompts.map(({ id, name, text }) => ({
      ...{ id, name, icon: <MessageSquareQuote />, detail: text.replaceAll(/\s+/g, ' ').slice(0, 80) },
      ...{ isPrompt: true, run: () => onPrompt(text) },
    })),
    ...commands.map(({ slug, icon, run }) => ({
      ...{ id: slug, slug, icon, run, name: t(`command.${slug}`), detail: `/${slug}`, isPrompt: false },
    })),
    {
      ...{ id: 'prompts', slug: 'prompts', name: t('command.prompts'), detail: '/prompts', icon: <ListPlus /> },
      ...{ isPrompt: false, run: () => void navigate({ to: '/settings', hash: 'prompts' }) },
    },
  ];
}

const NONE: never[] = [];

type Slug = 'new' | 'stop' | 'rename' | 'sessions' | 'export' | 'approvals' | 'palette' | 'keys';
type ChatCommand = { slug: Slug; icon: ReactNode; run(): void };

/** Returns the commands that are possible now. Those of the page are the registered ones. */
function useChatCommands({ onSessions, onRename }: Omit<SlashActions, 'onPrompt'>): ChatCommand[] {
  const { chat } = useChatScope();
  const { approvals, palette, sheet } = useCommands();
  const sessionId = useChat((state) => state.sessionId);
  const taskId = useActiveTaskId();
  const canStop = useCanStop();
  const { stop } = useStop(taskId);
  const commands: (ChatCommand | false | undefined)[] = [
    taskId !== null && canStop && { slug: 'stop', icon: <Square />, run: stop },
    { slug: 'new', icon: <SquarePen />, run: chat.startNew },
    { slug: 'sessions', icon: <History />, run: onSessions },
    sessionId !== null && { slug: 'rename', icon: <Pencil />, run: onRename },
    sessionId !== null && { slug: 'export', icon: <FileDown />, run: () => download(sessionId) },
    approvals && { slug: 'approvals', icon: <Bell />, run: approvals },
    palette && { slug: 'palette', icon: <Command />, run: palette },
    sheet && { slug: 'keys', icon: <Keyboard />, run: sheet },
  ];
  return commands.filter((command) => Boolean(command)) as ChatCommand[];
}

function download(sessionId: string) {
  const link = document.createElement('a');
  link.href = toExportUrl({ sessionId, format: 'markdown' });
  link.download = '';
  link.click();
}
