import { useChatScope } from '@it0/client/react/chat-scope';
import { type RefObject, useCallback, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { toast } from '../../ui/toast/toast.ts';

/** Returns a function that attaches dropped or pasted files, and explains why a folder among them is not attached. */
export function useAttach() {
  const t = useTranslations('composer');
  const { chat } = useChatScope();
  return useCallback(
    (data: DataTransfer) => {
      const { files, hasFolder } = readFiles(data);
      chat.attach(files);
      if (hasFolder) toast.error(t('folder'));
    },
    [chat, t],
  );
}

/** Attaches files dropped anywhere on the panel around `inside`. By default the browser would open them. */
export function useDroppedFiles(inside: RefObject<HTMLElement | null>) {
  const attach = useAttach();
  useEffect(() => {
    const panel = inside.current?.closest('section');
    if (!panel) return;
    const abort = new AbortController();
    const onDrag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (event.type === 'drop') attach(event.dataTransfer);
    };
    for (const type of ['dragover', 'drop'] as const) panel.addEventListener(type, onDrag, { signal: abort.signal });
    return () => abort.abort();
  }, [attach, inside]);
}

/** Returns the files without folders, whose content a browser does not list here. */
function readFiles({ items }: DataTransfer) {
  const dropped = [...items].filter(({ kind }) => kind === 'file');
  const files = dropped.filter((item) => !item.webkitGetAsEntry()?.isDirectory);
  return { files: files.flatMap((item) => item.getAsFile() ?? []), hasFolder: files.length < dropped.length };
}
