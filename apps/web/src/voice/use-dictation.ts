import { useChatScope } from '@it0/client/react/chat-scope';
import { joinDictation } from '@it0/client/voice/join-dictation';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useAgent } from '../chat/agent.tsx';
import { useLocaleChoice } from '../i18n/locale.tsx';
import { toast } from '../ui/toast/toast.ts';
import { useFailureMessage } from '../ui/use-error-message.ts';
import { createDictation, type Dictation } from './dictation.ts';

/**
 * Returns the dictation of a composer, whose field is `field`. When the composer is closed during a recording, the text
 * is added to its draft in the background.
 */
export function useDictation(field: RefObject<HTMLTextAreaElement | null>): Dictation {
  const t = useTranslations();
  const { chat } = useChatScope();
  const { locale } = useLocaleChoice();
  const { name } = useAgent();
  const formatFailure = useFailureMessage();
  const [appendToDraft] = useState(chat.captureDraft);
  const context = useRef({ locale, onText: appendToDraft });
  context.current = {
    locale,
    onText(text) {
      if (field.current) return insertAtCaret(field.current, text);
      appendToDraft(text);
      toast.success(t('voice.addedTo', { name }));
    },
  };
  const [dictation] = useState(() =>
    createDictation({
      language: () => context.current.locale,
      onText: (text) => context.current.onText(text),
    }),
  );

  const finish = useRef(async (_end: () => Promise<void>) => {});
  finish.current = async (end) => {
    await end();
    const state = dictation.getState();
    if (state.type !== 'failed') return;
    toast.error(t('voice.failedFor', { name }), {
      description: formatFailure({ reason: state.reason, retryAfter: null }),
      duration: Number.POSITIVE_INFINITY,
      action: { label: t('app.retry'), onClick: () => void finish.current(dictation.retry) },
    });
  };
  useEffect(() => () => void finish.current(dictation.finish), [dictation]);
  return dictation;
}

/** Inserts a text at the caret like typed text, so that one undo removes it. */
function insertAtCaret(field: HTMLTextAreaElement, text: string) {
  const before = field.value.slice(0, field.selectionStart);
  field.focus();
  // Deprecated, but the only way that keeps the undo history.
  document.execCommand('insertText', false, joinDictation(before, text).slice(before.length));
}
