import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';

/** Offers the text that the person has written for the same message on another device, so that neither is lost. */
export function OtherDraft() {
  const t = useTranslations('composer.otherDraft');
  const { chat } = useChatScope();
  const other = useChat((state) => state.otherDraft);
  if (!other) return null;
  const { text, attachments, isReplaced } = other;
  return (
    <div
      role="status"
      data-testid="other-draft"
      className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-xl border border-line-strong bg-raised py-1.5 pr-1.5 pl-3 text-sm"
    >
      <p className="min-w-0 flex-1 basis-60">
        <span className="block text-soft">{t(isReplaced ? 'replaced' : 'title')}</span>
        <span dir="auto" className="line-clamp-2 break-words">
          {text.trim() || t('files', { count: attachments.length })}
        </span>
      </p>
      <div className="flex gap-1.5">
        <Button onClick={chat.showOtherDraft}>{t(isReplaced ? 'restore' : 'use')}</Button>
        <Button variant="ghost" onClick={chat.dropOtherDraft}>
          {t(isReplaced ? 'dismiss' : 'drop')}
        </Button>
      </div>
    </div>
  );
}
