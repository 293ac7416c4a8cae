import { useChatScope } from '@it0/client/react/chat-scope';

/** Lines of a reply that are quoted when nothing is selected in it. */
const MAX_LINES = 12;

/** Returns a function that quotes the selection, or the beginning of a reply, in the draft, and focuses it. */
export function useQuote() {
  const { chat } = useChatScope();
  return (inside: HTMLElement, text: string) => {
    const lines = (readSelection(inside.closest('article')) || text.trim()).split('\n');
    const quoted = lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), '…'] : lines;
    const quote = quoted.map((line) => `> ${line}`.trimEnd()).join('\n');
    const { draft } = chat.getState();
    chat.setDraft(`${draft ? `${draft.trimEnd()}\n\n` : ''}${quote}\n\n`);
    const field = inside.closest('section')?.querySelector<HTMLTextAreaElement>('[data-testid=composer]');
    field?.focus();
    // After the draft is rendered, so that the cursor is at its end.
    requestAnimationFrame(() => field?.setSelectionRange(field.value.length, field.value.length));
  };
}

/** Returns the selected text if it is inside of an element. */
function readSelection(element: Element | null) {
  const selection = getSelection();
  return selection?.anchorNode && element?.contains(selection.anchorNode) ? selection.toString().trim() : '';
}
