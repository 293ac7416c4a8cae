import type { Answer } from '@it0/client/reduce-chat';
import { joinText } from '@it0/contracts/join-text';
import { AlignLeft, Check, Copy, Link2, MessageSquareQuote, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useCopied } from '../../../ui/copy/use-copied.ts';
import { useCanWrite } from '../../use-can-write.ts';
import { IconButton } from '../message/icon-button.tsx';
import { MessageTime } from '../message/message-time.tsx';
import { useQuote } from '../message/use-quote.ts';
import { useDurationFormat } from '../tool/use-duration-format.ts';
import { useMessageLink } from './use-message-link.ts';

type Props = {
  answer: Answer;
  taskId: string;
  /** Time at which the message was sent, in ISO 8601; undefined while it is on a page that is not loaded. */
  sentAt: string | undefined;
  /** Sends the message again; null when that is not possible. */
  askAgain: (() => void) | null;
};

/** End of a reply: when it ended, how long it took, its tokens, and what can be done with it. */
export function ReplyFooter({ answer: { parts, endedAt, usage }, taskId, sentAt, askAgain }: Props) {
  const t = useTranslations('reply');
  const formatDuration = useDurationFormat();
  const canWrite = useCanWrite();
  const toLink = useMessageLink();
  const quote = useQuote();
  const text = joinText(parts);
  const tookMs = endedAt && sentAt ? Date.parse(endedAt) - Date.parse(sentAt) : 0;
  return (
    <footer className="-mt-1.5 flex flex-wrap items-center gap-x-3 text-faint text-xs tabular-nums">
      {endedAt && <MessageTime at={endedAt} />}
      {tookMs > 0 && <span title={t('took')}>{formatDuration(tookMs)}</span>}
      {usage && (
        <span title={t('tokensTitle', { input: usage.input, output: usage.output })}>
          {t('tokens', { count: usage.input + usage.output })}
        </span>
      )}
      <span className="flex opacity-0 transition-opacity focus-within:opacity-100 group-hover/reply:opacity-100 pointer-coarse:opacity-100">
        {text && <CopyIcon label={t('copy')} icon={<Copy className="size-4" />} read={() => text} />}
        {text && <CopyIcon label={t('copyText')} icon={<AlignLeft className="size-4" />} read={() => toText(text)} />}
        {askAgain && <IconButton label={t('again')} icon={<RotateCcw className="size-4" />} onClick={askAgain} />}
        {text && canWrite && (
          <IconButton
            label={t('quote')}
            icon={<MessageSquareQuote className="size-4" />}
            onClick={(button) => quote(button, text)}
          />
        )}
        <CopyIcon label={t('link')} icon={<Link2 className="size-4" />} read={() => toLink(taskId)} />
      </span>
    </footer>
  );
}

/** Loaded when it is used, since it is needed only here. */
const toText = (markdown: string) =>
  import('@it0/client/markdown/plain-text').then(({ toPlainText }) => toPlainText(markdown));

/** Button that copies a text, and shows that it has. */
function CopyIcon({ label, icon, read }: { label: string; icon: ReactNode; read(): string | Promise<string> }) {
  const t = useTranslations('app');
  const { copied, copy } = useCopied();
  return (
    <>
      <IconButton
        label={label}
        icon={copied ? <Check className="size-4 text-accent" /> : icon}
        onClick={async () => copy(await read())}
      />
      <span role="status" className="sr-only">
        {copied && t('copied')}
      </span>
    </>
  );
}
