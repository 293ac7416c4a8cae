import { findField, listFields } from '@it0/client/placeholders';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react';

/**
 * Fills in the fields of a prompt, `{{name}}`: each is selected, so that the person types over it. Ends when none is
 * left or with `close`, since the same braces are also in templates that people send.
 */
export function useFields(field: RefObject<HTMLTextAreaElement | null>) {
  const { chat } = useChatScope();
  const [isFilling, setIsFilling] = useState(false);
  const [inserted, setInserted] = useState<{ text: string } | null>(null);
  const count = useChat(({ draft }) => (isFilling ? listFields(draft).length : 0));
  /**
   * Selects the next field, or with -1 the one before. Returns false if there is none. After the last one, the first one
   * is next, but not for Tab, which then leaves the message field.
   */
  const select = (direction: 1 | -1, isTab = false) => {
    const { current } = field;
    if (!current || count === 0) return false;
    const { value, selectionStart, selectionEnd } = current;
    const range =
      direction > 0
        ? (findField(value, Math.max(selectionEnd, selectionStart + 1), 1) ?? (isTab ? null : findField(value, 0, 1)))
        : findField(value, selectionStart, -1);
    if (!range) return false;
    current.focus();
    current.setSelectionRange(range.start, range.end);
    return true;
  };
  useLayoutEffect(() => {
    const { current } = field;
    if (!inserted || !current) return;
    const { start, end } = findField(inserted.text, 0, 1) ?? { start: inserted.text.length, end: inserted.text.length };
    current.focus();
    current.setSelectionRange(start, end);
  }, [field, inserted]);
  /** Handles a key of the message field. Returns false for keys that are not for its fields. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (count === 0) return false;
    const isNext = event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey);
    if (event.key === 'Escape') setIsFilling(false);
    else if (!isNext || !select(event.shiftKey ? -1 : 1, event.key === 'Tab')) return false;
    event.preventDefault();
    return true;
  };
  return {
    onKeyDown,
    /** Number of fields that are left. */
    count,
    select,
    insert(text: string) {
      chat.setDraft(text);
      setIsFilling(listFields(text).length > 0);
      setInserted({ text });
    },
    close: () => setIsFilling(false),
  };
}

export type Fields = ReturnType<typeof useFields>;
