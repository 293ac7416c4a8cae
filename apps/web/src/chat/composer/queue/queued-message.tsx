import type { QueuedTurn } from '@it0/client/queued';
import { useChatScope } from '@it0/client/react/chat-scope';
import { ArrowDown, ArrowUp, Ellipsis, GripVertical, Pencil, SkipForward, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/menu.tsx';
import { useCanStop } from '../../agent.tsx';
import { useEdit } from '../../edit/use-edit.ts';
import { EditQueued } from './edit-queued.tsx';
import type { Queue } from './use-queue.ts';

type Props = {
  turn: QueuedTurn;
  index: number;
  isLast: boolean;
  isDragged: boolean;
  queue: Queue;
  onDrag(taskId: string | null): void;
  onDropHere(): void;
};

/** A message that waits, with its actions. It can also be dragged to another position. */
export function QueuedMessage({ turn, index, isDragged, queue, onDrag, onDropHere, ...position }: Props) {
  const t = useTranslations('queue');
  const { chat } = useChatScope();
  const { taskId, message } = turn;
  const edit = useEdit(taskId);
  if (edit)
    return (
      <li ref={scrollIntoView} className="p-2">
        <EditQueued edit={edit} onSave={queue.edit} />
      </li>
    );
  return (
    <li
      data-testid="queued"
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        // Firefox starts no drag without data. Its type keeps it out of text fields.
        event.dataTransfer.setData('application/x-queued', taskId);
        onDrag(taskId);
      }}
      onDragEnd={() => onDrag(null)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('application/x-queued')) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        onDropHere();
      }}
      className={`flex items-center gap-1.5 py-1 pr-1 pl-1.5 ${isDragged ? 'opacity-50' : ''}`}
    >
      <GripVertical aria-hidden className="size-4 shrink-0 cursor-grab text-faint pointer-coarse:hidden" />
      <span aria-hidden className="w-4 shrink-0 text-center text-faint text-sm tabular-nums">
        {index + 1}
      </span>
      <p dir="auto" className="line-clamp-2 min-w-0 flex-1 text-sm [overflow-wrap:anywhere]">
        {message.text}
        {message.attachments.length > 0 && (
          <span className="text-faint"> · {t('files', { count: message.attachments.length })}</span>
        )}
      </p>
      <Actions {...{ turn, index, queue, ...position }} onEdit={() => chat.edits.start(taskId, message)} />
    </li>
  );
}

/** Shows all of the form in the list, which scrolls. */
const scrollIntoView = (item: HTMLElement | null) => item?.scrollIntoView({ block: 'end' });

type ActionsProps = Pick<Props, 'turn' | 'index' | 'isLast' | 'queue'> & { onEdit(): void };

function Actions({ turn, index, isLast, queue, onEdit }: ActionsProps) {
  const t = useTranslations('queue');
  const canStop = useCanStop();
  const { taskId, message } = turn;
  const name = message.text.trim().slice(0, 40);
  return (
    <>
      {canStop && (
        <IconButton label={t('sendNow')} disabled={queue.busy} onClick={() => queue.sendNow(taskId)}>
          <SkipForward className="size-4" />
        </IconButton>
      )}
      <Menu
        className="min-w-52"
        trigger={
          <Button variant="ghost" shape="icon" aria-label={t('actions', { name })} className="text-faint">
            <Ellipsis className="size-4" />
          </Button>
        }
      >
        <MenuItem icon={<Pencil />} onSelect={onEdit}>
          {t('edit')}
        </MenuItem>
        {index > 0 && (
          <MenuItem icon={<ArrowUp />} onSelect={() => queue.moveTo(taskId, index - 1)}>
            {t('up')}
          </MenuItem>
        )}
        {!isLast && (
          <MenuItem icon={<ArrowDown />} onSelect={() => queue.moveTo(taskId, index + 1)}>
            {t('down')}
          </MenuItem>
        )}
        {canStop && (
          <>
            <MenuItem icon={<SkipForward />} onSelect={() => queue.sendNow(taskId)}>
              {t('sendNow')}
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Trash2 />} onSelect={() => queue.remove(turn)}>
              {t('remove')}
            </MenuItem>
          </>
        )}
      </Menu>
    </>
  );
}

type IconProps = { label: string; disabled: boolean; onClick(): void; children: ReactNode };

const IconButton = ({ label, children, ...button }: IconProps) => (
  <Button variant="ghost" shape="icon" aria-label={label} className="text-faint" {...button}>
    {children}
  </Button>
);
