import type { Answer, Turn } from '@it0/client/reduce-chat';
import { arrangeParts, isSameItem, type ReplyItem } from '@it0/client/tool/arrange-parts';
import { isTerminal } from '@it0/contracts/event-kinds';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { Markdown } from '../markdown/markdown.tsx';
import { ToolRun } from '../tool/tool-run.tsx';
import { ToolStep } from '../tool/tool-step.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { ReplyEnd } from './reply-end.tsx';

type Props = { answer: Answer; taskId: string; message: Turn['message']; name: string };

/** Reply with its text and steps in order, and its status. */
export function Reply({ answer, taskId, message, name }: Props) {
  const t = useTranslations();
  const { parts, status } = answer;
  const ended = isTerminal(status);
  const items = arrangeParts(parts, ended);
  return (
    <article
      data-testid="reply"
      data-status={status}
      aria-label={t('chat.answer', { name })}
      aria-busy={!ended}
      className="group/reply flex flex-col gap-3"
    >
      {items.map((item) => (
        <Item key={item.key} item={item} />
      ))}
      {status === 'COMPLETED' && items.length === 0 && <p className="text-soft italic">{t('reply.empty')}</p>}
      <ReplyEnd answer={answer} taskId={taskId} message={message} />
    </article>
  );
}

/** Part of a reply. While a text grows, the parts before it stay as they are. */
const Item = memo(
  function Item({ item }: { item: ReplyItem }) {
    if (item.type === 'text') return <Markdown text={item.text} />;
    if (item.type === 'tool') return <ToolStep item={item} />;
    if (item.type === 'run') return <ToolRun items={item.items} />;
    return <ApprovalCard step={item.approval} isFinal={item.isFinal} />;
  },
  (before, after) => isSameItem(before.item, after.item),
);
