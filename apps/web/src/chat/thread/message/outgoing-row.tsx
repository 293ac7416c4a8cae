import { useChatScope } from '@it0/client/react/chat-scope';
import type { Outgoing } from '@it0/client/reduce-chat';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { UserMessage } from './turn-row.tsx';

/** Unsent message with its state and actions. */
export function OutgoingRow({ message: { requestId, text, attachments, state, reason } }: { message: Outgoing }) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const why = reason ? t(`reasons.${reason}`) : t('form.unreachable');
  return (
    <>
      <div className={state === 'failed' ? '' : 'opacity-70'}>
        <UserMessage text={text} attachments={attachments} />
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2 text-sm">
        {state === 'failed' ? (
          <>
            <span role="alert" className="text-bad">
              {t('outgoing.failed', { reason: why })}
            </span>
            <Button onClick={() => chat.resend(requestId)}>{t('outgoing.resend')}</Button>
          </>
        ) : (
          <span className="animate-late text-faint text-xs">{t(`outgoing.${state}`)}</span>
        )}
        {state !== 'sending' && (
          <Button variant="ghost" onClick={() => chat.withdraw(requestId)}>
            {t('outgoing.edit')}
          </Button>
        )}
      </div>
    </>
  );
}
